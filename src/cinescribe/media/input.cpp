#include "cinescribe/media/input.h"

#include <algorithm>
#include <mutex>
#include <string_view>
#include <system_error>
#include <vector>

#include "cinescribe/core/log.h"
#include "cinescribe/media/av_log.h"
#include "cinescribe/media/describe.h"
#include "cinescribe/media/geometry.h"
#include "cinescribe/media/mp4_protection.h"

namespace cinescribe::media {

namespace {

Error unusable(const std::filesystem::path& file, const std::string& found) {
  return {ErrorCode::kInput, "cannot read " + file.string() + ": " + found};
}

Status check_path(const std::filesystem::path& file, std::uint64_t& size) {
  std::error_code code;
  const auto status = std::filesystem::status(file, code);
  if (status.type() == std::filesystem::file_type::not_found) return unusable(file, "there is no such file");
  if (code) return unusable(file, code.message());
  if (std::filesystem::is_directory(status)) return unusable(file, "it is a folder; give a video or sound file");
  if (!std::filesystem::is_regular_file(status)) return unusable(file, "it is not a regular file");
  size = std::filesystem::file_size(file, code);
  if (code) return unusable(file, code.message());
  if (size == 0) return unusable(file, "the file is empty (0 bytes)");
  return {};
}

/// Formats that FFmpeg opens but that are no recordings: text drawn as video, and lists of other files or addresses.
bool is_refused_format(std::string_view name) {
  constexpr std::array<std::string_view, 13> kRefused = {"tty", "bin",        "xbin", "adf", "idf",
                                                         "hls", "concat",     "dash", "sdp", "webm_dash_manifest",
                                                         "imf", "ffmetadata", "lavfi"};
  return std::find(kRefused.begin(), kRefused.end(), name) != kRefused.end();
}

/// Takes the content's word for what the file is, and the name's only where the content says nothing (raw streams).
Status find_format(const std::filesystem::path& file, AVIOContext& io, const AVInputFormat*& format) {
  if (av_probe_input_buffer2(&io, &format, "", nullptr, 0, 0) < 0 || format == nullptr) {
    format = nullptr;
    av_probe_input_buffer2(&io, &format, file.c_str(), nullptr, 0, 0);
    const bool has_magic = format != nullptr && std::string_view(format->name).starts_with("mov,");
    if (format == nullptr || has_magic) return unusable(file, "it is no video or sound file that FFmpeg knows");
  }
  const std::string_view name = format->name;
  if (name.ends_with("_pipe") || name == "image2") return unusable(file, "it is a still picture, not a video");
  if (is_refused_format(name)) {
    return unusable(file, "it is no video or sound file (taken for '" + std::string(name) + "')");
  }
  return {};
}

/// No file makes FFmpeg take more than this in one piece, in the whole process: tables are sized by numbers from the
/// file, and a header of two kilobytes can name two gigabytes. It is above any frame up to 16K and the tables of
/// recordings of many days.
void limit_allocations() {
  constexpr std::size_t kLargest = (std::size_t{1} << 30) - 1;
  static std::once_flag once;
  std::call_once(once, [] { av_max_alloc(kLargest); });
}

std::string open_failure(int code) {
  const std::string reason = take_av_error();
  if (reason.find("moov atom not found") != std::string::npos) {
    return "its index (moov atom) is missing, so the file is incomplete; copy, download or record it again";
  }
  std::string text = "its header is damaged or incomplete (" + av_error_text(code);
  if (!reason.empty()) text += ": " + reason;
  return text + ")";
}

Error encrypted(const std::filesystem::path& file) {
  return unusable(file, "it is encrypted (copy protection); give a copy without protection");
}

Status check_streams(const Input& input) {
  for (unsigned i = 0; i < input.format->nb_streams; ++i) {
    const AVStream& stream = *input.format->streams[i];
    const auto type = stream.codecpar->codec_type;
    if (type != AVMEDIA_TYPE_VIDEO && type != AVMEDIA_TYPE_AUDIO) continue;
    if (is_encrypted(stream)) {
      return unusable(input.path, std::string("its ") + (type == AVMEDIA_TYPE_VIDEO ? "video" : "audio") + " (stream " +
                                      std::to_string(i) + ") is encrypted (DRM); give a copy without protection");
    }
  }
  for (const VideoStream& video : input.info.video) {
    if (video.coded_width == 0 && video.coded_height == 0) continue;  // unknown: the decoder may still find it
    if (!is_sane_size(video.coded_width, video.coded_height)) {
      return unusable(input.path, "its video claims " + std::to_string(video.coded_width) + "x" +
                                      std::to_string(video.coded_height) + " pixels; at most " +
                                      std::to_string(kMaxSidePx) + " a side and " + std::to_string(kMaxPixels) +
                                      " in all are accepted");
    }
  }
  const auto is_usable_video = [](const VideoStream& v) { return v.coded_width > 0 && v.codec != "none"; };
  const auto is_usable_audio = [](const AudioStream& a) { return a.rate_hz > 0 && a.channels > 0; };
  if (std::none_of(input.info.video.begin(), input.info.video.end(), is_usable_video) &&
      std::none_of(input.info.audio.begin(), input.info.audio.end(), is_usable_audio)) {
    return unusable(input.path,
                    "it has neither video nor sound that can be decoded (container '" + input.info.format + "')");
  }
  return {};
}

/// Learns what the header does not say by decoding a little; with the same limits as the decoders.
void find_stream_facts(AVFormatContext& format) {
  std::vector<AVDictionary*> options(format.nb_streams, nullptr);
  for (AVDictionary*& one : options) {
    av_dict_set_int(&one, "max_pixels", kMaxPixels, 0);
    av_dict_set_int(&one, "threads", 1, 0);
  }
  const int code = avformat_find_stream_info(&format, options.empty() ? nullptr : options.data());
  for (AVDictionary*& one : options) av_dict_free(&one);
  if (code < 0) log(LogLevel::kDebug, "stream facts are incomplete: " + av_error_text(code));
}

}  // namespace

void Input::ignore_all() const {
  for (unsigned i = 0; i < format->nb_streams; ++i) format->streams[i]->discard = AVDISCARD_ALL;
}

Result<Input> open_input(const std::filesystem::path& file) {
  route_av_log();
  limit_allocations();
  Input input;
  input.path = file;
  std::uint64_t size = 0;
  CINESCRIBE_TRY(check_path(file, size));

  AVIOContext* io = nullptr;
  const std::string address = "file:" + file.string();
  if (const int code = avio_open2(&io, address.c_str(), AVIO_FLAG_READ, nullptr, nullptr); code < 0) {
    return unusable(file, av_error_text(code) + "; check that you may read it");
  }
  input.io.reset(io);
  const AVInputFormat* kind = nullptr;
  CINESCRIBE_TRY(find_format(file, *io, kind));
  if (std::string_view(kind->name).starts_with("mov,") && is_protected_mp4(*io, static_cast<std::int64_t>(size))) {
    return encrypted(file);
  }

  AVFormatContext* format = avformat_alloc_context();
  if (format == nullptr) return Error{ErrorCode::kResource, "cannot open " + file.string() + ": out of memory"};
  format->pb = io;
  format->flags |= AVFMT_FLAG_CUSTOM_IO;
  AVDictionary* options = nullptr;
  av_dict_set(&options, "protocol_whitelist", "none", 0);  // no file names another file or address
  take_av_error();
  const int code = avformat_open_input(&format, file.c_str(), kind, &options);
  av_dict_free(&options);
  if (code < 0) return unusable(file, open_failure(code));  // the context is freed on failure
  input.format.reset(format);
  find_stream_facts(*format);
  input.info = describe(*format);
  input.info.size_bytes = size;
  CINESCRIBE_TRY(check_streams(input));
  return input;
}

ReadOutcome PacketReader::read(AVPacket& packet) {
  constexpr int kPatience = 256;
  av_packet_unref(&packet);
  const int code = av_read_frame(format_, &packet);
  if (code >= 0) {
    failures_in_a_row_ = 0;
    return ReadOutcome::kPacket;
  }
  if (code == AVERROR_EOF || (format_->pb != nullptr && avio_feof(format_->pb) != 0)) return ReadOutcome::kEnd;
  return ++failures_in_a_row_ > kPatience ? ReadOutcome::kEnd : ReadOutcome::kDamaged;
}

}  // namespace cinescribe::media
