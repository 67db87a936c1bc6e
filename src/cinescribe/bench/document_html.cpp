#include <algorithm>
#include <string_view>

#include "cinescribe/bench/page_style.h"
#include "cinescribe/bench/report_document.h"
#include "cinescribe/results/markup.h"

namespace cinescribe::bench {

namespace {

using results::escaped_markup;

/// Cells with more bytes are given room to wrap.
constexpr std::size_t kLongWords = 20;

/// A name for links: letters and digits alone.
std::string anchor_of(const std::string& title) {
  std::string anchor;
  for (const char c : title) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) anchor += c;
    if (c >= 'A' && c <= 'Z') anchor += static_cast<char>(c - 'A' + 'a');
    if (c == ' ' && !anchor.empty() && anchor.back() != '-') anchor += '-';
  }
  return anchor;
}

const char* class_of(CellKind kind) {
  switch (kind) {
    case CellKind::kNumber:
      return "number";
    case CellKind::kGood:
      return "good";
    case CellKind::kDoubtful:
      return "doubt";
    case CellKind::kBad:
      return "bad";
    case CellKind::kText:
      break;
  }
  return "";
}

bool is_badge(CellKind kind) {
  return kind == CellKind::kGood || kind == CellKind::kDoubtful || kind == CellKind::kBad;
}

std::string html(const Paragraph& paragraph) { return "<p>" + escaped_markup(paragraph.text) + "</p>\n"; }

std::string html(const List& list) {
  std::string text = "<ul>\n";
  for (const std::string& item : list.items) text += "<li>" + escaped_markup(item) + "</li>\n";
  return text + "</ul>\n";
}

/// A number stays on a line with its unit.
std::string unbroken(const std::string& number) {
  std::string text;
  for (const char c : escaped_markup(number)) text += c == ' ' ? std::string("&nbsp;") : std::string(1, c);
  return text;
}

/// The ends of a spread stand back behind its median, or below it where there is little room.
std::string cell_words(const Cell& cell) {
  if (cell.kind != CellKind::kNumber) return escaped_markup(cell.text);
  const std::size_t bracket = cell.text.find(" (");
  if (bracket == std::string::npos) return unbroken(cell.text);
  return unbroken(cell.text.substr(0, bracket)) + " <small>" + unbroken(cell.text.substr(bracket + 1)) + "</small>";
}

std::string html(const Table& table) {
  std::string text = "<div class=\"wide\"><table>\n<thead><tr>";
  for (std::size_t column = 0; column < table.headers.size(); ++column) {
    const bool is_number = std::any_of(table.rows.begin(), table.rows.end(),
                                       [&](const auto& row) { return row[column].kind == CellKind::kNumber; });
    text += std::string("<th scope=\"col\"") + (is_number ? " class=\"number\">" : ">") +
            escaped_markup(table.headers[column]) + "</th>";
  }
  text += "</tr></thead>\n<tbody>\n";
  for (const auto& row : table.rows) {
    text += "<tr>";
    for (const Cell& cell : row) {
      const std::string words = cell_words(cell);
      if (is_badge(cell.kind) && !words.empty()) {
        text += std::string("<td><span class=\"badge ") + class_of(cell.kind) + "\">" + words + "</span></td>";
      } else {
        const bool is_long = cell.text.size() > kLongWords;
        text += (cell.kind == CellKind::kNumber ? "<td class=\"number\">"
                 : is_long                      ? "<td class=\"long\">"
                                                : "<td>") +
                words + "</td>";
      }
    }
    text += "</tr>\n";
  }
  return text + "</tbody>\n</table></div>\n";
}

std::string html(const Plot& plot) {
  return "<figure>\n<figcaption>" + escaped_markup(plot.title) + "</figcaption>\n<div class=\"wide\">" + plot.svg +
         "</div>\n<div class=\"legend\">" + plot.legend + "</div>\n</figure>\n";
}

std::string html(const Tiles& tiles) {
  std::string text = "<div class=\"tiles\">\n";
  for (const auto& tile : tiles.tiles) {
    text += "<div class=\"tile\"><strong>" + escaped_markup(tile.figure) + "</strong><span>" +
            escaped_markup(tile.words) + "</span></div>\n";
  }
  return text + "</div>\n";
}

}  // namespace

std::string to_html(const ReportDocument& document) {
  std::string text =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>" +
      escaped_markup(document.title) + "</title>\n<style>" + std::string(kPageStyle) +
      "</style>\n</head>\n<body>\n<header>\n<h1>" + escaped_markup(document.title) + "</h1>\n<p class=\"soft\">" +
      escaped_markup(document.subtitle) + "</p>\n<nav>";
  for (const Section& section : document.sections) {
    text += "<a href=\"#" + anchor_of(section.title) + "\">" + escaped_markup(section.title) + "</a> ";
  }
  text += "</nav>\n</header>\n<main>\n";
  for (const Section& section : document.sections) {
    const std::string heading = "<h2>" + escaped_markup(section.title) + "</h2>";
    text += "<section id=\"" + anchor_of(section.title) + "\">\n";
    text += section.is_small ? "<details>\n<summary>" + heading + "</summary>\n" : heading + "\n";
    for (const Block& block : section.blocks) {
      text += std::visit([](const auto& each) { return html(each); }, block);
    }
    text += section.is_small ? "</details>\n</section>\n" : "</section>\n";
  }
  return text + "</main>\n</body>\n</html>\n";
}

}  // namespace cinescribe::bench
