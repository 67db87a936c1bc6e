#include "cinescribe/pipeline/media_identity.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

#include "cinescribe/models/sha256.h"

namespace cinescribe::pipeline {

namespace {

constexpr std::uint64_t kEndsBytes = 1 << 20;
constexpr std::uint64_t kBlockBytes = 64 << 10;
constexpr std::uint64_t kBlocks = 64;

Error read_error(const std::filesystem::path& file, const std::string& cause) {
  return {ErrorCode::kInput, "cannot read " + file.string() + ": " + cause};
}

bool add_range(std::ifstream& stream, std::uint64_t from, std::uint64_t length, models::Sha256& sha) {
  std::string block(length, '\0');
  stream.seekg(static_cast<std::streamoff>(from));
  stream.read(block.data(), static_cast<std::streamsize>(length));
  if (!stream) return false;
  sha.update(block);
  return true;
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  models::Sha256 sha;
  sha.update(bytes);
  return sha.hex();
}

Result<MediaIdentity> identify(const std::filesystem::path& file) {
  std::error_code code;
  const auto status = std::filesystem::status(file, code);
  if (!std::filesystem::exists(status)) return read_error(file, "there is no such file");
  if (std::filesystem::is_directory(status)) return read_error(file, "it is a folder");
  if (!std::filesystem::is_regular_file(status)) return read_error(file, "it is no regular file");
  MediaIdentity identity;
  identity.source = std::filesystem::canonical(file, code);
  if (code) return read_error(file, code.message());
  identity.size_bytes = std::filesystem::file_size(file, code);
  if (code) return read_error(file, code.message());
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return read_error(file, std::generic_category().message(errno != 0 ? errno : EACCES));

  const std::uint64_t size = identity.size_bytes;
  models::Sha256 sha;
  const std::string length = std::to_string(size);
  sha.update(length);
  const std::uint64_t ends = std::min(kEndsBytes, size);
  bool is_good = add_range(stream, 0, ends, sha) && add_range(stream, size - ends, ends, sha);
  if (size > 2 * kEndsBytes) {
    const std::uint64_t inside = size - kBlockBytes;
    for (std::uint64_t i = 1; i <= kBlocks && is_good; ++i) {
      is_good = add_range(stream, inside / (kBlocks + 1) * i, kBlockBytes, sha);
    }
  }
  if (!is_good) return read_error(file, "the file ended early while it was read");
  identity.fingerprint = sha.hex();
  return identity;
}

}  // namespace cinescribe::pipeline
