#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cinescribe/cli/commands.h"
#include "cinescribe/cli/progress.h"
#include "cinescribe/core/file.h"
#include "cinescribe/core/log.h"
#include "cinescribe/http/api_server.h"
#include "cinescribe/media/decode_pass.h"
#include "cinescribe/models/model_store.h"
#include "cinescribe/models/whisper_convert.h"
#include "cinescribe/results/subtitles.h"
#include "cinescribe/speech/remote_transcriber.h"
#include "cinescribe/speech/whisper_engine.h"

namespace cinescribe::cli {

namespace {

struct TranscribeFlags {
  std::string file;
  std::string transcriber = "whisper";
  std::string model;
  std::string weights = "q8_0";
  std::string word_times = "exact";
  std::string formats;
  std::string folder;
  bool is_json = false;
  int audio_track = -1;
  speech::TranscriptionOptions options;
  speech::RemoteTranscriberOptions remote;
  results::SubtitleLayout layout;
};

speech::WordTimes word_times_of(const std::string& name) {
  if (name == "off") return speech::WordTimes::kOff;
  return name == "fast" ? speech::WordTimes::kFast : speech::WordTimes::kExact;
}

Result<std::shared_ptr<speech::WhisperEngine>> load_engine(const TranscribeFlags& flags, const CommonOptions& common) {
  speech::WhisperEngineOptions options;
  CINESCRIBE_ASSIGN(const auto located, models::locate(flags.model.empty() ? "whisper-base" : flags.model));
  models::WhisperOptions convert;
  CINESCRIBE_ASSIGN(convert.weights, tensor::parse_weight_type(flags.weights));
  convert.threads = common.threads > 0 ? common.threads : static_cast<int>(std::thread::hardware_concurrency());
  convert.stop = common.stop;
  CINESCRIBE_ASSIGN(const auto model, models::prepare_whisper(located, convert));
  options.model = model.ggml_path;
  options.alignment_heads = model.alignment_heads;
  if (flags.options.use_vad) {
    CINESCRIBE_ASSIGN(const auto vad, models::locate("silero-vad"));
    options.vad_model = vad.path;
  }
  options.word_times = word_times_of(flags.word_times);
  options.threads = common.threads;
  options.device = common.device;
  return speech::WhisperEngine::load(options);
}

results::SegmentRecord record_of(speech::Segment&& segment) {
  results::SegmentRecord record;
  record.range = segment.range;
  record.text = std::move(segment.text);
  record.avg_logprob = segment.avg_logprob;
  record.no_speech_prob = segment.no_speech_prob;
  record.compression_ratio = segment.compression_ratio;
  for (speech::Word& word : segment.words) record.words.push_back({word.range, std::move(word.text), word.probability});
  return record;
}

Result<std::unique_ptr<speech::Transcriber>> make_transcriber(const TranscribeFlags& flags, const CommonOptions& common,
                                                              speech::SegmentSink sink) {
  if (flags.transcriber == "openai") {
    speech::RemoteTranscriberOptions remote = flags.remote;
    if (common.offline && !http::is_on_this_machine(remote.base_url)) {
      return Error{ErrorCode::kUsage, "--transcriber openai would send the sound to " +
                                          http::printable_url(remote.base_url) +
                                          "; leave --offline out, or name a server on this machine (--base-url "
                                          "http://127.0.0.1:8000/v1)"};
    }
    if (!flags.model.empty()) remote.model = flags.model;
    remote.api_key = http::api_key_from_environment();
    remote.word_times = flags.word_times != "off";
    return speech::make_remote_transcriber(remote, flags.options, std::move(sink), common.stop);
  }
  CINESCRIBE_ASSIGN(const auto engine, load_engine(flags, common));
  return engine->make_transcriber(flags.options, std::move(sink), common.stop);
}

void print_line(const results::SegmentRecord& segment) {
  std::printf("[%s --> %s] %s\n", format_timecode(segment.range.start).c_str(),
              format_timecode(segment.range.end).c_str(), segment.text.c_str());
  std::fflush(stdout);
}

Status write_files(const TranscribeFlags& flags, const std::vector<results::TranscriptFormat>& formats,
                   const results::SpokenLanguage& language, const std::vector<results::SegmentRecord>& segments) {
  for (const results::TranscriptFormat format : formats) {
    const std::string text = results::write_transcript(format, language, segments, flags.layout);
    if (flags.folder.empty()) {
      std::fwrite(text.data(), 1, text.size(), stdout);
      continue;
    }
    std::filesystem::path path = std::filesystem::path(flags.folder) / std::filesystem::path(flags.file).stem();
    path += std::string(".") + results::extension_of(format);
    CINESCRIBE_TRY(write_file_atomically(path, text));
    log(LogLevel::kInfo, "wrote " + path.string());
  }
  return {};
}

/// Which formats to write at the end; none: lines are printed as they come.
Result<std::vector<results::TranscriptFormat>> wanted_formats(const TranscribeFlags& flags) {
  if (flags.is_json) return std::vector{results::TranscriptFormat::kJson};
  if (flags.formats.empty()) {
    if (flags.folder.empty()) return std::vector<results::TranscriptFormat>();
    return results::parse_transcript_formats("txt,srt,vtt,tsv,json");
  }
  CINESCRIBE_ASSIGN(auto formats, results::parse_transcript_formats(flags.formats));
  if (formats.size() > 1 && flags.folder.empty()) {
    return Error{ErrorCode::kUsage, "several formats need a folder to write to: add -o DIR"};
  }
  return formats;
}

Outcome run_transcribe(const TranscribeFlags& flags, const CommonOptions& common) {
  CINESCRIBE_ASSIGN(const auto formats, wanted_formats(flags));
  media::DecodeOptions decode;
  decode.audio_track = flags.audio_track;
  CINESCRIBE_ASSIGN(const auto pass, media::DecodePass::open(flags.file, decode));
  if (!pass->has_audio()) return Error{ErrorCode::kInput, flags.file + " has no sound; nothing to transcribe"};

  std::vector<results::SegmentRecord> segments;
  CINESCRIBE_ASSIGN(const auto transcriber, make_transcriber(flags, common, [&](speech::Segment&& segment) {
                      results::SegmentRecord record = record_of(std::move(segment));
                      if (formats.empty()) {
                        print_line(record);
                      } else {
                        segments.push_back(std::move(record));
                      }
                      return Status();
                    }));
  media::AudioSource& source = pass->add_audio();
  Status decoded;
  std::jthread decoder([&] { decoded = pass->run(common.stop); });
  Progress progress(progress_style(common));
  progress.start("speech", flags.file, ProgressUnit::kMediaSeconds, pass->info().duration().seconds());
  Status heard;
  while (heard.ok()) {
    const auto block = source.pop(common.stop);
    if (!block) break;
    heard = transcriber->push(block->view());
    progress.update("speech", transcriber->done_until().seconds());
  }
  source.cancel();
  decoder.join();
  if (heard.ok()) heard = decoded;
  if (heard.ok()) heard = transcriber->finish();
  progress.finish("speech", heard.ok() ? "done" : "failed");
  CINESCRIBE_TRY(heard);
  const speech::Language language = transcriber->language();
  CINESCRIBE_TRY(write_files(flags, formats, {language.code, language.probability}, segments));
  return 0;
}

void add_model_flags(CLI::App& app, TranscribeFlags& flags) {
  app.add_option("--transcriber", flags.transcriber, "Who transcribes: whisper (here) or openai (a server)")
      ->check(CLI::IsMember({"whisper", "openai"}))
      ->capture_default_str();
  app.add_option("--model", flags.model,
                 "Catalogue name, faster-whisper folder or ggml file (default whisper-base); the server's model name");
  app.add_option("--weights", flags.weights, "Type of the weights after conversion")
      ->check(CLI::IsMember({"f16", "q8_0", "q5_0"}))
      ->capture_default_str();
  app.add_option("--base-url", flags.remote.base_url, "Address of the server's interface")->capture_default_str();
  app.add_option("--transcriber-concurrency", flags.remote.concurrency, "Requests to the server at once")
      ->check(CLI::Range(1, 32))
      ->capture_default_str();
}

void add_decoding_flags(CLI::App& app, TranscribeFlags& flags) {
  speech::TranscriptionOptions& options = flags.options;
  app.add_option("--language", options.language, "Spoken language (en, de, ...); default: found out once per file");
  app.add_flag("--translate", options.translate, "Translate to English");
  app.add_option("--initial-prompt", options.initial_prompt, "Names and spelling to follow");
  app.add_option("--word-times", flags.word_times, "exact: by attention alignment; fast: guessed; off: segments only")
      ->check(CLI::IsMember({"exact", "fast", "off"}))
      ->capture_default_str();
  app.add_flag("--time-marks", options.use_time_marks,
               "Let the model end segments itself; without it and without word times a segment may last 30 s");
  app.add_option("--beam-size", options.beam_size, "Beams; 1 = greedy")->check(CLI::Range(1, 8))->capture_default_str();
  app.add_option("--best-of", options.best_of, "Candidates at temperatures above 0")
      ->check(CLI::Range(1, 8))
      ->capture_default_str();
  app.add_option("--temperature", options.temperature, "First temperature")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--temperature-step", options.temperature_step, "Added while the text looks wrong; 0 = never")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_flag("--vad,!--no-vad", options.use_vad, "Transcribe only what sounds like speech (default on)");
}

}  // namespace

Command add_transcribe(CLI::App& root, const CommonOptions& common) {
  auto flags = std::make_shared<TranscribeFlags>();
  CLI::App* app = root.add_subcommand("transcribe", "Write down what is said, with the time of every word");
  app->add_option("file", flags->file, "Video or sound file")->required();
  add_model_flags(*app, *flags);
  add_decoding_flags(*app, *flags);
  app->add_option("-f,--format", flags->formats,
                  "txt, srt, vtt, tsv, json; several with commas (default with -o: all)");
  app->add_option("-o,--output", flags->folder, "Folder for the files, named after the input");
  app->add_flag("--json", flags->is_json, "Transcript as JSON on stdout");
  app->add_option("--max-line-width", flags->layout.max_line_width,
                  "Longest subtitle line in characters; 0 = lines are not broken")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  app->add_option("--max-lines", flags->layout.max_lines, "Subtitle lines shown at once; 0 = any")
      ->check(CLI::Range(0, 100))
      ->capture_default_str();
  app->add_option("--max-cue-seconds", flags->layout.max_seconds, "Longest time of a subtitle; 0 = any")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  app->add_option("--audio-track", flags->audio_track, "Which audio track, from 0; -1 = the default one")
      ->capture_default_str();
  app->footer("Example:  cinescribe transcribe talk.mp4 -f srt,txt -o subtitles");
  return {app, [flags, &common] { return run_transcribe(*flags, common); }};
}

}  // namespace cinescribe::cli
