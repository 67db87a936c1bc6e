#include <array>
#include <cstdio>
#include <string>
#include <utility>

#include "cinescribe/results/csv_field.h"
#include "cinescribe/results/markup.h"
#include "cinescribe/results/scene_csv.h"
#include "cinescribe/results/scene_export_kinds.h"
#include "cinescribe/results/scene_words.h"

namespace cinescribe::results {
namespace {

std::string without_line_end(std::string line) {
  line.pop_back();
  return line;
}

class TableExport final : public SceneExport {
 public:
  TableExport(bool has_captions, TextSink out) : has_captions_(has_captions), out_(std::move(out)) {}

  Status scene(const ExportScene& item) override {
    CINESCRIBE_TRY(begin());
    std::string line = without_line_end(scene_csv_row(item.scene));
    line += "," + csv_field(speech_in_words(item.scene)) + "," + csv_field(sounds_in_words(item.scene)) + "," +
            csv_field(objects_in_words(item.scene));
    if (has_captions_) {
      line += "," + csv_field(on_one_line(item.caption)) + "," + csv_field(on_one_line(item.caption_doubt));
    }
    return out_(line + "\n");
  }

  Status finish() override { return begin(); }

 private:
  Status begin() {
    if (std::exchange(has_begun_, true)) return {};
    return out_(without_line_end(scene_csv_header()) + ",speech,sounds,objects" +
                (has_captions_ ? ",caption,caption_doubt\n" : "\n"));
  }

  bool has_captions_;
  TextSink out_;
  bool has_begun_ = false;
};

}  // namespace

std::unique_ptr<SceneExport> make_table_export(const ExportSource& source, TextSink out) {
  return std::make_unique<TableExport>(!source.captioner.empty(), std::move(out));
}

}  // namespace cinescribe::results
