#include "cinescribe/results/caption_reader.h"

#include <utility>

#include "cinescribe/results/caption_values.h"
#include "cinescribe/results/streamed_array.h"

namespace cinescribe::results {

Result<CaptionHeader> read_captions(const std::filesystem::path& path, const CaptionSink& sink) {
  CINESCRIBE_ASSIGN(const Json root,
                    read_streamed_array(path, "scenes", "scene", [&sink](const Json& element) -> Status {
                      CINESCRIBE_ASSIGN(CaptionRecord record, caption_from(element));
                      return sink(std::move(record));
                    }));
  Result<CaptionHeader> header = caption_header_from(root);
  if (!header.ok()) return header.error().with_context("cannot read " + path.string());
  Members members(root);
  members.array("scenes");
  const Status status = members.status();
  if (!status.ok()) return status.error().with_context("cannot read " + path.string());
  return header;
}

}  // namespace cinescribe::results
