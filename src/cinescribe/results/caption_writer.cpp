#include "cinescribe/results/caption_writer.h"

#include <string>
#include <utility>

#include "cinescribe/results/caption_values.h"

namespace cinescribe::results {

Result<CaptionWriter> CaptionWriter::create(const std::filesystem::path& path, const CaptionHeader& header) {
  CINESCRIBE_ASSIGN(AtomicFile file, AtomicFile::create(path));
  CaptionWriter writer(std::move(file));
  std::string head = pretty(to_value(header));
  head.resize(head.rfind("\n}"));
  CINESCRIBE_TRY(writer.file_.write(head + ",\n  \"scenes\": ["));
  return writer;
}

Status CaptionWriter::caption(const CaptionRecord& record) {
  const char* separator = totals_.scenes == 0 ? "\n    " : ",\n    ";
  ++totals_.scenes;
  ++(record.failure ? totals_.failures : totals_.captions);
  totals_.suspects += record.suspect.empty() ? 0 : 1;
  totals_.lost += record.failure && !record.failure->lost_to.empty() ? 1 : 0;
  totals_.retried += record.cost.attempts > 1 ? 1 : 0;
  totals_.prompt_tokens += record.prompt_tokens;
  totals_.generated_tokens += record.generated_tokens;
  cost_.elapsed_seconds += record.cost.elapsed_seconds;
  cost_.preprocess_seconds += record.cost.preprocess_seconds;
  cost_.encode_seconds += record.cost.encode_seconds;
  cost_.prefill_seconds += record.cost.prefill_seconds;
  cost_.decode_seconds += record.cost.decode_seconds;
  media_seconds_ += record.range.length().seconds();
  return file_.write(separator + pretty(to_value(record), "    "));
}

Status CaptionWriter::finish() {
  const double busy = cost_.elapsed_seconds;
  const Json timings = {{"busy_seconds", busy},
                        {"preprocess_seconds", cost_.preprocess_seconds},
                        {"encode_seconds", cost_.encode_seconds},
                        {"prefill_seconds", cost_.prefill_seconds},
                        {"decode_seconds", cost_.decode_seconds},
                        {"media_seconds", media_seconds_},
                        {"x_realtime", busy > 0.0 ? Json(media_seconds_ / busy) : Json(nullptr)},
                        {"scenes_tried_again", totals_.retried}};
  CINESCRIBE_TRY(file_.write(totals_.scenes == 0 ? "]" : "\n  ]"));
  CINESCRIBE_TRY(file_.write(",\n  \"totals\": " + pretty(to_value(totals_), "  ")));
  CINESCRIBE_TRY(file_.write(",\n  \"timings\": " + pretty(timings, "  ") + "\n}\n"));
  return file_.commit();
}

}  // namespace cinescribe::results
