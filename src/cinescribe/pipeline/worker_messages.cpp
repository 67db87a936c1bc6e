#include "cinescribe/pipeline/worker_messages.h"

#include <array>
#include <utility>

#include "cinescribe/pipeline/worker_fields.h"

namespace cinescribe::pipeline {

namespace {

using Json = WireJson;

constexpr std::array<const char*, 8> kSaid = {"hello", "loaded", "forecast", "next", "done", "ended", "alive", "log"};
constexpr std::array<const char*, 5> kTold = {"load", "forecast", "run", "scene", "end"};

/// The size of a picture that travels.
struct Size {
  int width = 0;
  int height = 0;
  int channels = 0;
};

template <typename Value, typename Visit>
requires std::is_same_v<std::remove_const_t<Value>, Size>
void visit_fields(Value& value, Visit& visit) {
  visit("width", value.width);
  visit("height", value.height);
  visit("channels", value.channels);
}

constexpr int kLongestSide = 1 << 16;

Error no_message(const std::string& what) { return {ErrorCode::kInternal, "it sent a message " + what}; }

template <std::size_t count>
std::optional<std::size_t> kind_of(const Json& object, const std::array<const char*, count>& names) {
  const auto found = object.is_object() ? object.find("type") : object.end();
  if (!object.is_object() || found == object.end() || !found->is_string()) return std::nullopt;
  for (std::size_t i = 0; i < count; ++i) {
    if (*found == names.at(i)) return i;
  }
  return std::nullopt;
}

template <typename T>
Status read_under(const Json& object, const char* key, T& value) {
  FieldReader reader(object);
  reader(key, value);
  return reader.is_good() ? Status() : Status(no_message(std::string("without a good '") + key + "'"));
}

/// An optional error under "error": an outcome or a status.
Status read_error(const Json& object, std::optional<Error>& error) { return read_under(object, "error", error); }

Status read_outcome(const Json& object, captions::CaptionOutcome& outcome) {
  std::optional<Error> error;
  CINESCRIBE_TRY(read_under(object, "id", outcome.id));
  CINESCRIBE_TRY(read_error(object, error));
  if (error) {
    outcome.caption = *std::move(error);
    return {};
  }
  captions::Caption caption;
  CINESCRIBE_TRY(read_under(object, "caption", caption));
  outcome.caption = std::move(caption);
  return {};
}

std::optional<Error> error_of(const Status& status) {
  return status.ok() ? std::nullopt : std::optional<Error>(status.error());
}

/// Pictures of the sizes told, with the pixels where there are any.
Status read_pictures(const std::vector<Size>& sizes, const WireMessage& message, bool has_pixels,
                     std::vector<Image>& pictures) {
  std::uint64_t bytes = 0;
  for (const Size& size : sizes) {
    const bool is_good = size.width > 0 && size.width <= kLongestSide && size.height > 0 &&
                         size.height <= kLongestSide && (size.channels == 1 || size.channels == 3);
    if (!is_good) return no_message("with a picture of no size");
    bytes += static_cast<std::uint64_t>(size.width) * static_cast<std::uint64_t>(size.height) *
             static_cast<std::uint64_t>(size.channels);
  }
  if (has_pixels && bytes != message.bytes.size()) return no_message("whose pictures have another size than it says");
  auto from = message.bytes.begin();
  for (const Size& size : sizes) {
    Image picture(size.width, size.height, size.channels);
    if (has_pixels) {
      const auto to = from + static_cast<std::ptrdiff_t>(picture.pixels.size());
      std::copy(from, to, picture.pixels.begin());
      from = to;
    }
    pictures.push_back(std::move(picture));
  }
  return {};
}

}  // namespace

std::string worker_says(const WorkerWords& words) {
  FieldWriter writer;
  writer("type", std::string(kSaid.at(static_cast<std::size_t>(words.says))));
  switch (words.says) {
    case WorkerSays::kHello:
      writer("protocol", words.protocol);
      break;
    case WorkerSays::kLoaded:
      writer("facts", words.facts);
      break;
    case WorkerSays::kForecast:
      writer("forecast", words.forecast);
      break;
    case WorkerSays::kNext:
      break;
    case WorkerSays::kDone:
      writer("id", words.outcome.id);
      writer("error", error_of(words.outcome.caption.status()));
      if (words.outcome.caption.ok()) writer("caption", *words.outcome.caption);
      break;
    case WorkerSays::kEnded:
      writer("error", error_of(words.status));
      writer("work", words.work);
      break;
    case WorkerSays::kAlive:
      writer("steps", words.steps);
      writer("cpu_seconds", words.cpu_seconds);
      break;
    case WorkerSays::kLog:
      writer("level", words.level);
      writer("text", words.text);
      break;
  }
  return writer.take().dump();
}

Result<WorkerWords> parse_worker_words(const std::string& text) {
  const Json object = Json::parse(text, nullptr, false);
  const auto kind = kind_of(object, kSaid);
  if (!kind) return no_message("of no known type");
  WorkerWords words;
  words.says = static_cast<WorkerSays>(*kind);
  std::optional<Error> error;
  switch (words.says) {
    case WorkerSays::kHello:
      CINESCRIBE_TRY(read_under(object, "protocol", words.protocol));
      break;
    case WorkerSays::kLoaded:
      CINESCRIBE_TRY(read_under(object, "facts", words.facts));
      break;
    case WorkerSays::kForecast:
      CINESCRIBE_TRY(read_under(object, "forecast", words.forecast));
      break;
    case WorkerSays::kNext:
      break;
    case WorkerSays::kDone:
      CINESCRIBE_TRY(read_outcome(object, words.outcome));
      break;
    case WorkerSays::kEnded:
      CINESCRIBE_TRY(read_error(object, error));
      if (error) words.status = *std::move(error);
      CINESCRIBE_TRY(read_under(object, "work", words.work));
      break;
    case WorkerSays::kAlive:
      CINESCRIBE_TRY(read_under(object, "steps", words.steps));
      CINESCRIBE_TRY(read_under(object, "cpu_seconds", words.cpu_seconds));
      break;
    case WorkerSays::kLog:
      CINESCRIBE_TRY(read_under(object, "level", words.level));
      CINESCRIBE_TRY(read_under(object, "text", words.text));
      break;
  }
  return words;
}

std::string worker_task(const WorkerTask& task) {
  FieldWriter writer;
  writer("type", std::string(kTold.at(static_cast<std::size_t>(task.told))));
  if (task.told == WorkerTold::kLoad) {
    writer("protocol", kWorkerProtocol);
    writer("order", task.order);
  }
  if (task.told == WorkerTold::kScene || task.told == WorkerTold::kForecast) {
    std::vector<Size> sizes;
    for (const Image& picture : task.scene.frames) sizes.push_back({picture.width, picture.height, picture.channels});
    writer("scene", task.scene);
    writer("pictures", sizes);
    writer("scenes", task.scenes);
  }
  return writer.take().dump();
}

std::vector<std::span<const std::uint8_t>> pixels_of(const captions::CaptionRequest& scene) {
  std::vector<std::span<const std::uint8_t>> parts;
  for (const Image& picture : scene.frames) parts.emplace_back(picture.pixels);
  return parts;
}

Result<WorkerTask> parse_worker_task(const WireMessage& message) {
  const Json object = Json::parse(message.text, nullptr, false);
  const auto kind = kind_of(object, kTold);
  if (!kind) return no_message("of no known type");
  WorkerTask task;
  task.told = static_cast<WorkerTold>(*kind);
  const bool has_pixels = task.told == WorkerTold::kScene;
  if (!has_pixels && !message.bytes.empty()) return no_message("with bytes that belong to nothing");
  if (task.told == WorkerTold::kLoad) {
    int protocol = 0;
    CINESCRIBE_TRY(read_under(object, "protocol", protocol));
    if (protocol != kWorkerProtocol) return no_message("of another version of this program");
    CINESCRIBE_TRY(read_under(object, "order", task.order));
  }
  if (has_pixels || task.told == WorkerTold::kForecast) {
    std::vector<Size> sizes;
    CINESCRIBE_TRY(read_under(object, "scene", task.scene));
    CINESCRIBE_TRY(read_under(object, "pictures", sizes));
    CINESCRIBE_TRY(read_under(object, "scenes", task.scenes));
    CINESCRIBE_TRY(read_pictures(sizes, message, has_pixels, task.scene.frames));
  }
  return task;
}

}  // namespace cinescribe::pipeline
