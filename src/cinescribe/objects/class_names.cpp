#include "cinescribe/objects/class_names.h"

#include <array>
#include <charconv>
#include <map>

#include "cinescribe/core/file.h"

namespace cinescribe::objects {

namespace {

constexpr std::array<std::string_view, 80> kCoco{
    "person",         "bicycle",    "car",           "motorcycle",    "airplane",     "bus",           "train",
    "truck",          "boat",       "traffic light", "fire hydrant",  "stop sign",    "parking meter", "bench",
    "bird",           "cat",        "dog",           "horse",         "sheep",        "cow",           "elephant",
    "bear",           "zebra",      "giraffe",       "backpack",      "umbrella",     "handbag",       "tie",
    "suitcase",       "frisbee",    "skis",          "snowboard",     "sports ball",  "kite",          "baseball bat",
    "baseball glove", "skateboard", "surfboard",     "tennis racket", "bottle",       "wine glass",    "cup",
    "fork",           "knife",      "spoon",         "bowl",          "banana",       "apple",         "sandwich",
    "orange",         "broccoli",   "carrot",        "hot dog",       "pizza",        "donut",         "cake",
    "chair",          "couch",      "potted plant",  "bed",           "dining table", "toilet",        "tv",
    "laptop",         "mouse",      "remote",        "keyboard",      "cell phone",   "microwave",     "oven",
    "toaster",        "sink",       "refrigerator",  "book",          "clock",        "vase",          "scissors",
    "teddy bear",     "hair drier", "toothbrush"};
constexpr std::size_t kMaxNames = 100'000;
constexpr std::uint64_t kMaxFileBytes = 1U << 24U;

/// Reads the small part of Python's and JSON's notation that lists of names use.
class NameReader {
 public:
  explicit NameReader(std::string_view text) : text_(text) {}

  std::vector<std::string> read() {
    skip_blanks();
    const bool is_map = accept('{');
    if (!is_map && !accept('[')) return {};
    std::map<std::size_t, std::string> names;
    while (names.size() <= kMaxNames) {
      skip_blanks();
      if (accept(is_map ? '}' : ']')) return in_order(names);
      std::size_t index = names.size();
      std::string name;
      if (is_map && !key(index)) return {};
      if (!quoted(name) || index >= kMaxNames) return {};
      names[index] = std::move(name);
      skip_blanks();
      accept(',');
    }
    return {};
  }

 private:
  static std::vector<std::string> in_order(std::map<std::size_t, std::string>& names) {
    if (names.empty() || names.rbegin()->first + 1 != names.size()) return {};  // A number is missing.
    std::vector<std::string> result;
    result.reserve(names.size());
    for (auto& [index, name] : names) result.push_back(std::move(name));
    return result;
  }
  void skip_blanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
      ++at_;
    }
  }
  bool accept(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool key(std::size_t& index) {
    const bool is_quoted = accept('"') || accept('\'');
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), index);
    if (error != std::errc()) return false;
    at_ = static_cast<std::size_t>(end - text_.data());
    if (is_quoted && !accept('"') && !accept('\'')) return false;
    skip_blanks();
    return accept(':');
  }
  bool quoted(std::string& value) {
    skip_blanks();
    if (at_ >= text_.size() || (text_[at_] != '"' && text_[at_] != '\'')) return false;
    const char quote = text_[at_++];
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value.push_back(text_[at_++]);
    }
    return accept(quote);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::span<const std::string_view> coco_names() { return kCoco; }

std::vector<std::string> parse_names(std::string_view text) { return NameReader(text).read(); }

Result<std::vector<std::string>> read_class_file(const std::filesystem::path& file) {
  CINESCRIBE_ASSIGN(const std::string text, read_file(file, kMaxFileBytes));
  auto names = parse_names(text);
  if (!names.empty()) return names;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) line.pop_back();
    names.push_back(std::move(line));
    at = end + 1;
  }
  while (!names.empty() && names.back().empty()) names.pop_back();
  if (names.empty()) {
    return Error{ErrorCode::kInput, "cannot use the class file " + file.string() + ": it has no names; one per line"};
  }
  return names;
}

}  // namespace cinescribe::objects
