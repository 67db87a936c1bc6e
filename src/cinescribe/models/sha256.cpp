#include "cinescribe/models/sha256.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <vector>

#include <openssl/evp.h>

namespace cinescribe::models {

namespace {

struct ContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
constexpr std::size_t kBlockBytes = std::size_t{1} << 20U;

}  // namespace

struct Sha256::State {
  std::unique_ptr<EVP_MD_CTX, ContextDeleter> context{EVP_MD_CTX_new()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr);
}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::update(std::span<const char> bytes) {
  EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size());
}

std::string Sha256::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  EVP_DigestFinal_ex(state_->context.get(), digest.data(), &length);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (unsigned int i = 0; i < length; ++i) {
    text.push_back(kDigits[digest[i] >> 4U]);
    text.push_back(kDigits[digest[i] & 15U]);
  }
  return text;
}

Result<std::string> sha256_of_file(const std::filesystem::path& path, const std::stop_token& stop,
                                   const std::function<void(std::uint64_t)>& on_bytes) {
  std::error_code code;
  if (!std::filesystem::is_regular_file(path, code)) {
    return Error{ErrorCode::kInput, "cannot read " + path.string() + ": not there, or no regular file"};
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{ErrorCode::kInput, "cannot read " + path.string() + ": check its permissions"};
  Sha256 digest;
  std::vector<char> block(kBlockBytes);
  std::uint64_t done = 0;
  while (file) {
    if (stop.stop_requested()) return Error{ErrorCode::kInterrupted, "stopped while checking " + path.string()};
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    const auto count = static_cast<std::size_t>(file.gcount());
    digest.update({block.data(), count});
    done += count;
    if (on_bytes) on_bytes(done);
  }
  if (file.bad()) return Error{ErrorCode::kInput, "cannot read " + path.string() + ": input error"};
  return digest.hex();
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace cinescribe::models
