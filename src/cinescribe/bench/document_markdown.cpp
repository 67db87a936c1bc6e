#include <algorithm>

#include "cinescribe/bench/report_document.h"
#include "cinescribe/results/markup.h"

namespace cinescribe::bench {

namespace {

std::string escaped(const std::string& text) { return results::escaped_markdown(results::on_one_line(text)); }

std::string row_text(const std::vector<std::string>& cells) {
  std::string text = "|";
  for (const std::string& cell : cells) text += " " + cell + " |";
  return text + "\n";
}

std::string markdown(const Paragraph& paragraph) { return escaped(paragraph.text) + "\n\n"; }

std::string markdown(const List& list) {
  std::string text;
  for (const std::string& item : list.items) text += "- " + escaped(item) + "\n";
  return text + "\n";
}

std::string markdown(const Table& table) {
  std::vector<std::string> headers;
  std::vector<std::string> rules;
  for (std::size_t column = 0; column < table.headers.size(); ++column) {
    headers.push_back(escaped(table.headers[column]));
    const bool is_number = std::any_of(table.rows.begin(), table.rows.end(),
                                       [&](const auto& row) { return row[column].kind == CellKind::kNumber; });
    rules.emplace_back(is_number ? "--:" : "---");
  }
  std::string text = row_text(headers) + row_text(rules);
  for (const auto& row : table.rows) {
    std::vector<std::string> cells;
    for (const Cell& cell : row) {
      const bool is_strong = cell.kind == CellKind::kDoubtful || cell.kind == CellKind::kBad;
      const std::string words = escaped(cell.text);
      cells.push_back(is_strong && !words.empty() ? "**" + words + "**" : words);
    }
    text += row_text(cells);
  }
  return text + "\n";
}

std::string markdown(const Plot& plot) { return "*Plot on the page: " + escaped(plot.title) + "*\n\n"; }

std::string markdown(const Tiles& tiles) {
  std::string text;
  for (const auto& tile : tiles.tiles) text += "- **" + escaped(tile.figure) + "** " + escaped(tile.words) + "\n";
  return text + "\n";
}

}  // namespace

std::string to_markdown(const ReportDocument& document) {
  std::string text = "# " + escaped(document.title) + "\n\n" + escaped(document.subtitle) + "\n\n";
  for (const Section& section : document.sections) {
    text += "## " + escaped(section.title) + "\n\n";
    for (const Block& block : section.blocks) {
      text += std::visit([](const auto& each) { return markdown(each); }, block);
    }
  }
  while (text.size() > 1 && text[text.size() - 2] == '\n') text.pop_back();
  return text;
}

}  // namespace cinescribe::bench
