#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Pieces of inline SVG. Colours are the page's variables, so that light and dark are the page's to choose.
namespace cinescribe::bench {

/// Colour of the n-th series, "var(--s1)" and so on; they repeat after eight.
std::string series_colour(std::size_t index);

class Svg {
 public:
  /// `name` says to screen readers what is shown.
  Svg(double width, double height, std::string name) : width_(width), height_(height), name_(std::move(name)) {}

  [[nodiscard]] double width() const { return width_; }
  [[nodiscard]] double height() const { return height_; }

  /// `tip` is shown when the pointer rests on it.
  void rect(double x, double y, double width, double height, const std::string& fill, const std::string& tip = {},
            double radius = 0.0, const std::string& css = {});
  void line(double x1, double y1, double x2, double y2, const std::string& stroke, double width = 1.0,
            const std::string& css = {});
  void circle(double x, double y, double radius, const std::string& fill, const std::string& tip = {});
  /// `anchor`: "start", "middle" or "end".
  void text(double x, double y, const std::string& words, const char* anchor = "start", const char* css_class = "");
  /// A line through the points; with `is_filled` the area below it down to `base`.
  struct Point {
    double x = 0.0;
    double y = 0.0;
  };
  void curve(const std::vector<Point>& points, const std::string& colour, bool is_filled = false, double base = 0.0);

  [[nodiscard]] std::string str() const;

 private:
  double width_;
  double height_;
  std::string name_;
  std::string body_;
};

/// Round values from 0 to at least `top`, about `count` of them, the last one at or above `top`.
std::vector<double> round_ticks(double top, int count = 5);

/// A value of an axis without digits that say nothing: "0.001", "2.5", "10".
std::string tick_text(double value);

/// An axis of values from 0 on.
struct Axis {
  double from_px = 0.0;  ///< Where 0 lies.
  double to_px = 0.0;    ///< Where `top` lies.
  double top = 1.0;

  [[nodiscard]] double at(double value) const { return from_px + (to_px - from_px) * (top > 0.0 ? value / top : 0.0); }
};

/// Words of at most `bytes` bytes, cut between characters with "…" where they are longer.
std::string shortened(std::string_view words, std::size_t bytes);

}  // namespace cinescribe::bench
