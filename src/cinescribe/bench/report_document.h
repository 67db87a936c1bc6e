#pragma once

#include <string>
#include <variant>
#include <vector>

/// A report before it is Markdown or HTML.
namespace cinescribe::bench {

/// How a cell is to be seen.
enum class CellKind { kText, kNumber, kGood, kDoubtful, kBad };

struct Cell {
  std::string text;
  CellKind kind = CellKind::kText;
};

inline Cell number_cell(std::string text) { return {std::move(text), CellKind::kNumber}; }

struct Table {
  std::vector<std::string> headers;
  std::vector<std::vector<Cell>> rows;  ///< Each as long as `headers`.
};

/// A picture. Markdown has its title alone.
struct Plot {
  std::string title;
  std::string svg;     ///< An <svg> element; its colours are variables of the page's style.
  std::string legend;  ///< HTML.
};

struct Paragraph {
  std::string text;
};

struct List {
  std::vector<std::string> items;
};

/// Large figures side by side.
struct Tiles {
  struct Tile {
    std::string figure;
    std::string words;
  };
  std::vector<Tile> tiles;
};

using Block = std::variant<Paragraph, List, Table, Plot, Tiles>;

struct Section {
  std::string title;
  std::vector<Block> blocks;
  bool is_small = false;  ///< Details that are folded away on the page.
};

struct ReportDocument {
  std::string title;
  std::string subtitle;
  std::vector<Section> sections;
};

std::string to_markdown(const ReportDocument& document);
/// One page without anything from elsewhere.
std::string to_html(const ReportDocument& document);

}  // namespace cinescribe::bench
