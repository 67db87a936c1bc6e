// How fast a GGUF language model reads and writes on this machine, through our generator and through a bare loop of
// llama_decode, in alternating rounds.
//
// usage: language_speed LANGUAGE.gguf [--threads N] [--rounds N] [--prompt N] [--new N] [--batches 1,2,4,8,16]
//                       [--device NAME] [--kv f16|f32|q8_0] [--only batches|beams|mixed|cache]
// Prints JSON lines. Of every measurement the fastest round counts (others share the machine); "overhead" is our time
// over the bare loop's, "beams" a step of five beams over a step of five plain sequences, "mixed" a run in which
// prompts of embedding rows join a running batch, as one submission of rows over two submissions. "cache" (only when
// asked for: minutes at full size) writes --new tokens after the prompt with the cache, and adds up what they would
// cost without it, from steps measured at four lengths; the step's cost is taken as linear between them.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "cinescribe/language/batch_generator.h"
#include "cinescribe/language/llama_decoder.h"
#include "cinescribe/language/llama_model.h"
#include "cinescribe/language/thread_pool.h"

namespace {

using namespace cinescribe;
using namespace cinescribe::language;

struct Settings {
  std::string file;
  std::string device = "cpu";
  std::string kv = "auto";
  std::string only;  ///< One of the measurements; empty: all but `cache`.
  int threads = 0;
  int rounds = 3;
  int prompt = 128;
  int new_tokens = 16;
  std::vector<int> batches = {1, 2, 4, 8, 16};
};

struct Speed {
  double prefill_seconds = 1e30;  ///< Per prompt token.
  double decode_seconds = 1e30;   ///< Per step of the whole batch.
  double cpu_seconds = 1e30;      ///< Of everything, per step: steadier where others share the machine.

  void keep_best(double prefill, double decode, double cpu) {
    prefill_seconds = std::min(prefill_seconds, prefill);
    decode_seconds = std::min(decode_seconds, decode);
    cpu_seconds = std::min(cpu_seconds, cpu);
  }
};

double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

[[noreturn]] void fail(const std::string& message) {
  std::fprintf(stderr, "language_speed: %s\n", message.c_str());
  std::exit(4);
}

template <typename T>
T must(Result<T> result) {
  if (!result.ok()) fail(result.error().message);
  return *std::move(result);
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::vector<TokenId> random_ids(const LlamaModel& model, int count, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<TokenId> id(0, model.vocabulary() - 1);
  std::vector<TokenId> ids(static_cast<std::size_t>(count));
  for (TokenId& each : ids) each = id(random);
  return ids;
}

Prompt prompt_of(const LlamaModel& model, const Settings& settings, std::uint32_t seed, bool as_rows = false) {
  Prompt prompt;
  prompt.ids = random_ids(model, settings.prompt, seed);
  prompt.pieces.emplace_back();
  if (as_rows) {
    prompt.pieces[0].rows = must(model.embed(prompt.ids));
  } else {
    prompt.pieces[0].tokens = prompt.ids;
  }
  return prompt;
}

GeneratorOptions generator_options(const Settings& settings, int sequences) {
  GeneratorOptions options;
  options.max_sequences = sequences;
  options.context_tokens = static_cast<std::int64_t>(sequences) * (settings.prompt + settings.new_tokens + 1);
  options.kv_type = settings.kv == "f32"    ? KvType::kF32
                    : settings.kv == "q8_0" ? KvType::kQ80
                    : settings.kv == "f16"  ? KvType::kF16
                                            : KvType::kAuto;
  return options;
}

/// The loop that anyone would write: prompts one after the other, then one token per sequence and step.
void bare_round(const std::shared_ptr<const LlamaModel>& model, const std::shared_ptr<ThreadPool>& threads,
                const Settings& settings, int batch, Speed& speed) {
  const GeneratorOptions shape = generator_options(settings, batch);
  DecoderOptions options;
  options.cells = shape.context_tokens;
  options.sequences = batch + 1;
  options.outputs = batch;
  options.batch_rows = std::max(shape.batch_tokens, batch);
  options.kv_type = shape.kv_type;
  const auto decoder = must(LlamaDecoder::create(model, threads, options));
  double prefill = 0.0;
  const double cpu_start = processor_seconds();
  std::vector<TokenId> newest;
  const auto pick = [&](std::span<const float> logits) {
    return static_cast<TokenId>(std::max_element(logits.begin(), logits.end()) - logits.begin());
  };
  for (int sequence = 0; sequence < batch; ++sequence) {
    const auto ids = random_ids(*model, settings.prompt, static_cast<std::uint32_t>(sequence));
    std::vector<DecoderRow> rows;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      rows.push_back({ids[i], nullptr, static_cast<std::int32_t>(i), sequence, i + 1 == ids.size()});
    }
    const auto start = std::chrono::steady_clock::now();
    must(decoder->submit(rows, {}));
    newest.push_back(pick(decoder->logits(ids.size() - 1)));
    prefill += seconds_since(start);
  }
  const auto start = std::chrono::steady_clock::now();
  for (int step = 0; step + 1 < settings.new_tokens; ++step) {
    std::vector<DecoderRow> rows;
    for (int sequence = 0; sequence < batch; ++sequence) {
      rows.push_back({newest[static_cast<std::size_t>(sequence)], nullptr, settings.prompt + step, sequence, true});
    }
    must(decoder->submit(rows, {}));
    for (std::size_t i = 0; i < rows.size(); ++i) newest[i] = pick(decoder->logits(i));
  }
  const int steps = settings.new_tokens - 1;
  speed.keep_best(prefill / (batch * settings.prompt), seconds_since(start) / steps,
                  (processor_seconds() - cpu_start) / steps);
}

struct GeneratorRound {
  double wall = 0.0;
  double cpu = 0.0;
  GeneratorStatistics statistics;
};

/// `requests` prompts; `sequences` at once. Staggered: of different lengths, so that prompts join a running batch.
GeneratorRound generate(const std::shared_ptr<const LlamaModel>& model, const Settings& settings, int requests,
                        int sequences, int beams, MixedRows mixed, bool is_staggered) {
  BatchGenerator generator(model, must(ThreadPool::start(settings.threads)), generator_options(settings, sequences),
                           mixed);
  if (const Status opened = generator.open_fixed_pool(); !opened.ok()) fail(opened.error().message);
  std::vector<GenerationRequest> prepared(static_cast<std::size_t>(requests));
  for (std::size_t i = 0; i < prepared.size(); ++i) {
    prepared[i].prompt = prompt_of(*model, settings, static_cast<std::uint32_t>(i), is_staggered);
    prepared[i].options.max_new_tokens =
        is_staggered ? 1 + static_cast<int>(i) * 7 % settings.new_tokens : settings.new_tokens;
    prepared[i].options.num_beams = beams;
  }
  std::size_t next = 0;
  const auto start = std::chrono::steady_clock::now();
  const double cpu_start = processor_seconds();
  const Status status = generator.run(
      [&]() -> std::optional<GenerationRequest> {
        if (next == prepared.size()) return std::nullopt;
        return std::move(prepared[next++]);
      },
      [](const GenerationOutcome& outcome) {
        if (!outcome.generation.ok()) fail(outcome.generation.error().message);
      },
      {});
  if (!status.ok()) fail(status.error().message);
  return {seconds_since(start), processor_seconds() - cpu_start, generator.statistics()};
}

void generator_round(const std::shared_ptr<const LlamaModel>& model, const Settings& settings, int batch, int beams,
                     Speed& speed) {
  const GeneratorRound round = generate(model, settings, batch, batch * beams, beams, MixedRows::kAsEmbeddings, false);
  const double steps = std::max(1.0, static_cast<double>(round.statistics.decode_tokens) / (batch * beams));
  // Everything besides the submissions (searching, bookkeeping) counts as decoding.
  speed.keep_best(round.statistics.prefill_seconds / static_cast<double>(round.statistics.prefill_tokens),
                  (round.wall - round.statistics.prefill_seconds) / steps, round.cpu / steps);
}

Settings parse(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    const auto value = [&] { return i + 1 < argc ? std::string(argv[++i]) : std::string(); };
    if (flag == "--threads") {
      settings.threads = std::atoi(value().c_str());
    } else if (flag == "--rounds") {
      settings.rounds = std::atoi(value().c_str());
    } else if (flag == "--prompt") {
      settings.prompt = std::atoi(value().c_str());
    } else if (flag == "--new") {
      settings.new_tokens = std::max(2, std::atoi(value().c_str()));
    } else if (flag == "--device") {
      settings.device = value();
    } else if (flag == "--kv") {
      settings.kv = value();
    } else if (flag == "--only") {
      settings.only = value();
    } else if (flag == "--batches") {
      settings.batches.clear();
      std::stringstream list(value());
      for (std::string item; std::getline(list, item, ',');) settings.batches.push_back(std::atoi(item.c_str()));
    } else {
      settings.file = flag;
    }
  }
  return settings;
}

/// Reading and writing by batch size, ours beside the bare loop.
void measure_batches(const std::shared_ptr<const LlamaModel>& model, const Settings& settings) {
  const std::shared_ptr<ThreadPool> threads = must(ThreadPool::start(settings.threads));
  std::map<int, Speed> bare;
  std::map<int, Speed> ours;
  for (int round = 0; round < settings.rounds; ++round) {
    for (const int batch : settings.batches) {
      bare_round(model, threads, settings, batch, bare[batch]);
      generator_round(model, settings, batch, 1, ours[batch]);
    }
  }
  const double alone = ours.begin()->second.decode_seconds / ours.begin()->first;
  for (const int batch : settings.batches) {
    const Speed& b = bare[batch];
    const Speed& o = ours[batch];
    std::printf(
        "{\"batch\": %d, \"prefill_tokens_per_second\": %.2f, \"decode_tokens_per_second\": %.2f, "
        "\"times_the_first\": %.2f, \"prefill_overhead\": %.3f, \"decode_overhead\": %.3f, \"cpu_overhead\": %.3f}\n",
        batch, 1.0 / o.prefill_seconds, batch / o.decode_seconds, alone * batch / o.decode_seconds,
        o.prefill_seconds / b.prefill_seconds, o.decode_seconds / b.decode_seconds, o.cpu_seconds / b.cpu_seconds);
    std::fflush(stdout);
  }
}

/// A step of one, of five plain sequences, and of five beams.
void measure_beams(const std::shared_ptr<const LlamaModel>& model, const Settings& settings) {
  Speed greedy;
  Speed plain;
  Speed beams;
  for (int round = 0; round < settings.rounds; ++round) {
    generator_round(model, settings, 1, 1, greedy);
    generator_round(model, settings, 5, 1, plain);
    generator_round(model, settings, 1, 5, beams);
  }
  std::printf(
      "{\"greedy_step_ms\": %.2f, \"five_plain_step_ms\": %.2f, \"five_beams_step_ms\": %.2f, \"beams\": %.3f, "
      "\"beams_over_greedy\": %.3f}\n",
      greedy.decode_seconds * 1e3, plain.decode_seconds * 1e3, beams.decode_seconds * 1e3,
      beams.decode_seconds / plain.decode_seconds, beams.decode_seconds / greedy.decode_seconds);
}

/// Prompts of embedding rows that join a running batch.
void measure_mixed(const std::shared_ptr<const LlamaModel>& model, const Settings& settings) {
  double rows = 1e30;
  double apart = 1e30;
  for (int round = 0; round < settings.rounds; ++round) {
    rows = std::min(rows, generate(model, settings, 12, 4, 1, MixedRows::kAsEmbeddings, true).cpu);
    apart = std::min(apart, generate(model, settings, 12, 4, 1, MixedRows::kApart, true).cpu);
  }
  std::printf("{\"mixed_as_rows_cpu_seconds\": %.3f, \"mixed_apart_cpu_seconds\": %.3f, \"mixed\": %.3f}\n", rows,
              apart, rows / apart);
}

/// What the cache of keys and values saves: every step without it reads everything so far again.
void measure_cache(const std::shared_ptr<const LlamaModel>& model, const Settings& settings) {
  const GeneratorRound cached = generate(model, settings, 1, 1, 1, MixedRows::kAsEmbeddings, false);
  const int last = settings.new_tokens - 1;
  std::map<int, double> step_seconds;  // by tokens written so far
  for (const int written : {1, last / 4, last / 2, last}) {
    Settings step = settings;
    step.prompt += written;
    step.new_tokens = 1;
    step_seconds[written] = generate(model, step, 1, 1, 1, MixedRows::kAsEmbeddings, false).wall;
    std::printf("{\"tokens_written\": %d, \"step_seconds_without_cache\": %.2f}\n", written, step_seconds[written]);
    std::fflush(stdout);
  }
  double without = 0.0;
  for (int written = 0; written < settings.new_tokens; ++written) {
    auto upper = step_seconds.lower_bound(std::max(1, written));
    if (upper->first <= written || upper == step_seconds.begin()) {
      without += upper->second;
      continue;
    }
    const auto lower = std::prev(upper);
    const double share = static_cast<double>(written - lower->first) / (upper->first - lower->first);
    without += lower->second + share * (upper->second - lower->second);
  }
  std::printf(
      "{\"prompt\": %d, \"new\": %d, \"with_cache_seconds\": %.2f, \"prefill_seconds\": %.2f, "
      "\"without_cache_seconds\": %.1f, \"times\": %.1f, \"generation_times\": %.1f}\n",
      settings.prompt, settings.new_tokens, cached.wall, cached.statistics.prefill_seconds, without,
      without / cached.wall,
      (without - cached.statistics.prefill_seconds) / (cached.wall - cached.statistics.prefill_seconds));
}

}  // namespace

int main(int argc, char** argv) {
  const Settings settings = parse(argc, argv);
  if (settings.file.empty() || settings.rounds < 1 || settings.prompt < 1 || settings.prompt > 8192) {
    std::fputs(
        "usage: language_speed LANGUAGE.gguf [--threads N] [--rounds N] [--prompt 1..8192] [--new N]\n"
        "                      [--batches 1,2,4] [--device NAME] [--kv f16|f32|q8_0]\n"
        "                      [--only batches|beams|mixed|cache]\n",
        stderr);
    return 2;
  }
  LanguageModelOptions load;
  load.device = settings.device;
  load.threads = settings.threads;
  const auto start = std::chrono::steady_clock::now();
  const std::shared_ptr<const LlamaModel> model = must(LlamaModel::load(settings.file, load));
  std::printf("{\"load_seconds\": %.3f, \"weight_mib\": %.0f}\n", seconds_since(start),
              static_cast<double>(model->weight_bytes()) / (1 << 20));
  std::fflush(stdout);
  const auto wanted = [&](const char* part) { return settings.only.empty() || settings.only == part; };
  if (wanted("batches")) measure_batches(model, settings);
  if (wanted("beams")) measure_beams(model, settings);
  if (wanted("mixed")) measure_mixed(model, settings);
  if (settings.only == "cache") measure_cache(model, settings);
  return 0;
}
