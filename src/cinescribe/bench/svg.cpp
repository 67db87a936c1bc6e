#include "cinescribe/bench/svg.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "cinescribe/results/markup.h"

namespace cinescribe::bench {

namespace {

constexpr std::size_t kColours = 8;

/// Half a tenth of a pixel is not seen.
std::string px(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", std::isfinite(value) ? value : 0.0);
  std::string words = text.data();
  if (words.size() > 2 && words.substr(words.size() - 2) == ".0") words.resize(words.size() - 2);
  return words == "-0" ? "0" : words;
}

std::string attribute(const char* name, const std::string& value) {
  return value.empty() ? "" : std::string(" ") + name + "=\"" + results::escaped_markup(value) + "\"";
}

std::string end_of(const char* element, const std::string& tip) {
  if (tip.empty()) return "/>\n";
  return "><title>" + results::escaped_markup(tip) + "</title></" + element + ">\n";
}

}  // namespace

std::string series_colour(std::size_t index) { return "var(--s" + std::to_string(index % kColours + 1) + ")"; }

void Svg::rect(double x, double y, double width, double height, const std::string& fill, const std::string& tip,
               double radius, const std::string& css) {
  body_ += "<rect x=\"" + px(x) + "\" y=\"" + px(y) + "\" width=\"" + px(std::max(0.0, width)) + "\" height=\"" +
           px(std::max(0.0, height)) + "\"" + attribute("fill", fill) +
           (radius > 0.0 ? attribute("rx", px(radius)) : "") + attribute("class", css) + end_of("rect", tip);
}

void Svg::line(double x1, double y1, double x2, double y2, const std::string& stroke, double width,
               const std::string& css) {
  body_ += "<line x1=\"" + px(x1) + "\" y1=\"" + px(y1) + "\" x2=\"" + px(x2) + "\" y2=\"" + px(y2) + "\"" +
           attribute("stroke", stroke) + attribute("stroke-width", px(width)) + attribute("class", css) + "/>\n";
}

void Svg::circle(double x, double y, double radius, const std::string& fill, const std::string& tip) {
  body_ += "<circle cx=\"" + px(x) + "\" cy=\"" + px(y) + "\" r=\"" + px(radius) + "\"" + attribute("fill", fill) +
           end_of("circle", tip);
}

void Svg::text(double x, double y, const std::string& words, const char* anchor, const char* css_class) {
  body_ += "<text x=\"" + px(x) + "\" y=\"" + px(y) + "\"" + attribute("text-anchor", anchor) +
           attribute("class", css_class) + ">" + results::escaped_markup(words) + "</text>\n";
}

void Svg::curve(const std::vector<Point>& points, const std::string& colour, bool is_filled, double base) {
  if (points.empty()) return;
  std::string path;
  for (const Point& point : points) path += (path.empty() ? "M" : "L") + px(point.x) + " " + px(point.y);
  if (is_filled) {
    const std::string area =
        path + "L" + px(points.back().x) + " " + px(base) + "L" + px(points.front().x) + " " + px(base) + "Z";
    body_ += "<path d=\"" + area + "\"" + attribute("fill", colour) + " class=\"area\"/>\n";
  }
  body_ += "<path d=\"" + path + "\" fill=\"none\"" + attribute("stroke", colour) + " class=\"curve\"/>\n";
}

std::string Svg::str() const {
  return "<svg viewBox=\"0 0 " + px(width_) + " " + px(height_) + "\" role=\"img\"" + attribute("aria-label", name_) +
         ">\n" + body_ + "</svg>\n";
}

std::vector<double> round_ticks(double top, int count) {
  if (!(top > 0.0) || !std::isfinite(top)) return {0.0, 1.0};
  const double rough = top / std::max(1, count);
  const double unit = std::pow(10.0, std::floor(std::log10(rough)));
  double step = 10.0 * unit;
  for (const double nice : {1.0, 2.0, 2.5, 5.0}) {
    if (nice * unit >= rough * 0.999) {
      step = nice * unit;
      break;
    }
  }
  std::vector<double> ticks;
  for (int i = 0; ticks.empty() || ticks.back() < top * 0.9999; ++i) ticks.push_back(step * i);
  return ticks;
}

std::string tick_text(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6g", value);
  return text.data();
}

std::string shortened(std::string_view words, std::size_t bytes) {
  if (words.size() <= bytes) return std::string(words);
  std::size_t end = bytes;
  while (end > 0 && (static_cast<unsigned char>(words[end]) & 0xC0U) == 0x80U) --end;
  return std::string(words.substr(0, end)) + "…";
}

}  // namespace cinescribe::bench
