#include "cinescribe/language/batch_generator.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "cinescribe/core/log.h"
#include "cinescribe/language/free_memory.h"

namespace cinescribe::language {

namespace {

constexpr std::int64_t kPoolStep = 256;
/// A prompt start that another request is about to read is worth waiting for from this length on.
constexpr std::int64_t kWorthWaiting = 16;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

Result<std::unique_ptr<Generator>> Generator::create(std::shared_ptr<const LanguageModel> model,
                                                     const GeneratorOptions& options) {
  const auto llama = std::dynamic_pointer_cast<const LlamaModel>(std::move(model));
  if (!llama) return Error{ErrorCode::kInternal, "the generator needs a model that LanguageModel::load gave"};
  constexpr int kMostSequences = 255;  // llama.cpp's limit, less one for the kept prompt start
  if (options.max_sequences < 1 || options.max_sequences > kMostSequences) {
    return Error{ErrorCode::kUsage, "cannot decode " + std::to_string(options.max_sequences) +
                                        " sequences at once; from 1 to " + std::to_string(kMostSequences)};
  }
  if (options.batch_tokens < 1 || options.context_tokens < 0) {
    return Error{ErrorCode::kUsage, "a batch needs at least one token, and a pool cannot be negative"};
  }
  CINESCRIBE_ASSIGN(std::shared_ptr<ThreadPool> threads, ThreadPool::start(llama->threads()));
  auto generator = std::make_unique<BatchGenerator>(llama, std::move(threads), options, MixedRows::kAsEmbeddings);
  CINESCRIBE_TRY(generator->open_fixed_pool());
  return std::unique_ptr<Generator>(std::move(generator));
}

std::uint64_t estimated_generator_bytes(const LanguageModel& model, const GeneratorOptions& options,
                                        std::int64_t tokens) {
  const auto* llama = dynamic_cast<const LlamaModel*>(&model);
  if (llama == nullptr) return 0;
  DecoderOptions decoder;
  decoder.cells = tokens;
  decoder.sequences = options.max_sequences + 1;
  decoder.outputs = options.max_sequences;
  decoder.batch_rows = std::max(options.batch_tokens, options.max_sequences);
  decoder.kv_type = options.kv_type;
  decoder.flash_attention = options.flash_attention;
  return LlamaDecoder::estimated_bytes(*llama, decoder);
}

BatchGenerator::BatchGenerator(std::shared_ptr<const LlamaModel> model, std::shared_ptr<ThreadPool> threads,
                               const GeneratorOptions& options, MixedRows mixed_rows)
    : model_(std::move(model)), threads_(std::move(threads)), options_(options), mixed_rows_(mixed_rows) {
  options_.batch_tokens = std::max(options_.batch_tokens, options_.max_sequences);
  groups_[1].is_long = true;
}

DecoderOptions BatchGenerator::decoder_options(std::int64_t cells) const {
  DecoderOptions out;
  out.cells = std::max<std::int64_t>(cells, options_.max_sequences);
  out.sequences = options_.max_sequences + 1;
  out.outputs = options_.max_sequences;
  out.batch_rows = options_.batch_tokens;
  out.kv_type = options_.kv_type;
  out.flash_attention = options_.flash_attention;
  out.mixed_rows = mixed_rows_;
  return out;
}

Status BatchGenerator::open_fixed_pool() {
  if (options_.context_tokens == 0) return {};
  std::int64_t cells = options_.context_tokens;
  if (model_->original_context() > 0) cells = std::min(cells, model_->short_pool_tokens());
  CINESCRIBE_ASSIGN(auto decoder, LlamaDecoder::create(model_, threads_, decoder_options(cells)));
  statistics_.kv_bytes += decoder->kv_bytes();
  groups_[0].pool = std::make_unique<KvPool>(std::move(decoder), options_.max_sequences);
  return {};
}

bool BatchGenerator::is_idle() const {
  return std::all_of(groups_.begin(), groups_.end(), [](const Group& group) { return group.is_idle(); });
}

Status BatchGenerator::run(const std::function<std::optional<GenerationRequest>()>& next, const Done& done,
                           const std::stop_token& stop) {
  is_exhausted_ = false;
  Status status = run_jobs(next, done, stop);
  if (!status.ok()) drop_all();
  return status;
}

Status BatchGenerator::run_jobs(const std::function<std::optional<GenerationRequest>()>& next, const Done& done,
                                const std::stop_token& stop) {
  while (true) {
    if (stop.stop_requested()) return Error{ErrorCode::kInterrupted, "stopped while captions were being generated"};
    for (Group& group : groups_) admit_waiting(group, done);
    admit(next, done);
    if (is_idle() && !pending_) return {};
    for (Group& group : groups_) CINESCRIBE_TRY(step(group, done, stop));
  }
}

void BatchGenerator::admit(const std::function<std::optional<GenerationRequest>()>& next, const Done& done) {
  while (true) {
    if (!pending_ && !is_exhausted_) {
      const bool has_room = groups_[0].pool == nullptr || groups_[0].pool->free_sequences() > 0;
      if (!has_room) return;
      std::optional<GenerationRequest> request = next();
      if (!request) {
        is_exhausted_ = true;
        return;
      }
      const std::int64_t id = request->id;
      auto job = GenerationJob::create(*std::move(request), *model_, options_, next_serial_++);
      if (!job.ok()) {
        done({id, job.error()});
        continue;
      }
      pending_ = *std::move(job);
    }
    if (!pending_) return;
    const Result<bool> entered = try_enter(groups_[pending_->needs_long_factors() ? 1 : 0], pending_);
    if (!entered.ok()) {
      done({pending_->id(), entered.error()});
      pending_.reset();
    } else if (!*entered) {
      return;
    }
  }
}

void BatchGenerator::admit_waiting(Group& group, const Done& done) {
  while (!group.waiting.empty()) {
    Job job = std::move(group.waiting.front());
    group.waiting.pop_front();
    const Result<bool> entered = try_enter(group, job);
    if (!entered.ok()) {
      done({job->id(), entered.error()});
    } else if (!*entered) {
      group.waiting.push_front(std::move(job));
      return;
    }
  }
}

Result<bool> BatchGenerator::try_enter(Group& group, Job& job) {
  const std::int64_t needed = job->cells_needed();
  if (group.pool == nullptr || (group.pool->cells() < needed && options_.context_tokens == 0 && group.jobs.empty())) {
    CINESCRIBE_TRY(open_pool(group, *job));
  }
  if (group.pool->cells() < needed) {
    const bool can_grow = options_.context_tokens == 0 && !group.jobs.empty();
    if (can_grow) return false;  // once the others are done
    return Error{ErrorCode::kResource, "the prompt (" + std::to_string(job->prompt().size()) +
                                           " positions) and the tokens to generate need room for " +
                                           std::to_string(needed) + " tokens, but the pool of keys and values has " +
                                           std::to_string(group.pool->cells()) +
                                           "; use a larger context, fewer frames, fewer beams or fewer new tokens"};
  }
  if (!job->enter(*group.pool)) return false;
  group.jobs.push_back(std::move(job));
  return true;
}

// Enough for as many requests like the first as may run at once; less when the memory does not suffice, but never less
// than this one needs.
Status BatchGenerator::open_pool(Group& group, const GenerationJob& first) {
  const std::int64_t needed = first.cells_needed();
  std::int64_t least = needed;
  std::int64_t wanted = options_.context_tokens > 0 ? std::max(options_.context_tokens, needed)
                                                    : needed * std::max(1, options_.max_sequences / first.rows());
  if (model_->original_context() > 0) {
    const std::int64_t boundary = model_->short_pool_tokens();
    wanted = group.is_long ? std::max(wanted, boundary + 1) : std::min(wanted, boundary);
    least = group.is_long ? std::max(least, boundary + 1) : std::min(least, boundary);
  }
  if (group.pool != nullptr) statistics_.kv_bytes -= group.pool->decoder().kv_bytes();
  group.pool.reset();  // its memory goes into the new one
  const std::uint64_t free = std::min(free_memory_bytes(model_->device()), model_->memory_beside_weights());
  const std::int64_t asked = wanted;
  while (wanted > least && LlamaDecoder::estimated_bytes(*model_, decoder_options(wanted)) > free) {
    wanted = std::max(least, wanted - std::max(kPoolStep, (wanted - least) / 8));
  }
  if (wanted < asked) {
    log(LogLevel::kWarning, "memory suffices for " + std::to_string(wanted) + " tokens at once instead of " +
                                std::to_string(asked) + ": fewer captions are generated side by side");
  }
  CINESCRIBE_ASSIGN(auto decoder, LlamaDecoder::create(model_, threads_, decoder_options(wanted)));
  statistics_.kv_bytes += decoder->kv_bytes();
  group.pool = std::make_unique<KvPool>(std::move(decoder), options_.max_sequences);
  return {};
}

Status BatchGenerator::step(Group& group, const Done& done, const std::stop_token& stop) {
  if (group.jobs.empty()) return {};
  std::vector<char> waits(group.jobs.size(), 0);
  if (options_.has_kv_cache) share_prefixes(group, waits);
  step_.rows.clear();
  step_.owners.clear();
  const std::size_t most = group.pool->decoder().batch_rows();
  for (const Job& job : group.jobs) job->add_newest_rows(step_, most);
  for (std::size_t i = 0; i < group.jobs.size(); ++i) {
    if (waits[i] == 0) group.jobs[i]->add_missing_rows(step_, most);
  }
  CINESCRIBE_TRY(compute(group, stop));
  return settle(group, done);
}

// A prompt start that another sequence holds already is shared. One that an earlier request is just about to read is
// waited for; the earliest request never waits.
void BatchGenerator::share_prefixes(Group& group, std::vector<char>& waits) {
  for (std::size_t i = 0; i < group.jobs.size(); ++i) {
    GenerationJob& job = *group.jobs[i];
    if (!job.is_reading_prompt()) continue;
    const auto kept = group.pool->kept_tokens();
    const auto own = job.prompt().leading_tokens();
    const auto same = std::mismatch(kept.begin(), kept.end(), own.begin(), own.end()).first - kept.begin();
    statistics_.shared_prefix_tokens += job.adopt(group.pool->kept_sequence(), same);
    for (std::size_t j = 0; j < group.jobs.size() && job.is_reading_prompt(); ++j) {
      GenerationJob& other = *group.jobs[j];
      if (i == j) continue;
      const std::int64_t common = job.common_prefix(other);
      statistics_.shared_prefix_tokens += job.adopt(other.first_sequence(), std::min(common, other.shareable()));
      const bool is_coming = j < i && other.is_reading_prompt() && waits[j] == 0 && common > other.prompt_read();
      if (is_coming && common - job.prompt_read() >= kWorthWaiting) waits[i] = 1;
    }
  }
}

Status BatchGenerator::compute(Group& group, const std::stop_token& stop) {
  LlamaDecoder& decoder = group.pool->decoder();
  const auto start = std::chrono::steady_clock::now();
  while (true) {
    CINESCRIBE_ASSIGN(const LlamaDecoder::Outcome outcome, decoder.submit(step_.rows, stop));
    if (outcome == LlamaDecoder::Outcome::kDone) break;
    // Room was promised to every row, so this is not expected; fewer rows may still go through.
    if (step_.rows.size() < 2) {
      return Error{ErrorCode::kInternal, "the pool of keys and values is full although room was reserved"};
    }
    step_.rows.resize(step_.rows.size() / 2);
    step_.owners.resize(step_.rows.size());
  }
  account(seconds_since(start));
  for (std::size_t i = 0; i < step_.rows.size(); ++i) {
    step_.owners[i].job->row_was_read(step_.owners[i].lane, decoder.logits(i));
  }
  return {};
}

void BatchGenerator::account(double seconds) {
  const double share = seconds / static_cast<double>(step_.rows.size());
  const GenerationJob* last = nullptr;
  for (const GenerationJob::StepRow& owner : step_.owners) {
    GenerationTimings& timings = owner.job->timings;
    (owner.is_prefill ? timings.prefill_seconds : timings.decode_seconds) += share;
    (owner.is_prefill ? statistics_.prefill_seconds : statistics_.decode_seconds) += share;
    ++(owner.is_prefill ? statistics_.prefill_tokens : statistics_.decode_tokens);
    if (owner.job != last) ++timings.steps;  // a job's rows of one kind lie together
    last = owner.job;
  }
  ++statistics_.steps;
}

Status BatchGenerator::settle(Group& group, const Done& done) {
  std::vector<Job> staying;
  std::vector<Job> leaving;
  for (Job& job : group.jobs) {
    CINESCRIBE_TRY(job->finish_step());
    const bool outgrew = !group.is_long && !job->is_finished() && job->needs_long_factors();
    (job->is_finished() || outgrew ? leaving : staying).push_back(std::move(job));
  }
  group.jobs = std::move(staying);
  for (Job& job : leaving) {
    if (options_.has_kv_cache) group.pool->keep_start(job->prompt().leading_tokens(), job->first_sequence());
    job->leave();
    if (job->is_finished()) {
      done({job->id(), job->outcome()});
    } else {
      groups_[1].waiting.push_back(std::move(job));
    }
  }
  return {};
}

void BatchGenerator::drop_all() {
  pending_.reset();
  for (Group& group : groups_) {
    group.jobs.clear();
    group.waiting.clear();
    if (group.pool != nullptr) group.pool->clear();
  }
}

}  // namespace cinescribe::language
