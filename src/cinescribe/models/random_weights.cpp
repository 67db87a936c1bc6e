#include "cinescribe/models/random_weights.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <random>

namespace cinescribe::models {

namespace {

using tensor::WeightType;

constexpr std::int64_t kPoolElements = std::int64_t{1} << 20U;
constexpr std::int64_t kLongestChunk = 256;

std::uint64_t scrambled(std::uint64_t z) {
  z += 0x9E3779B97F4A7C15ULL;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31U);
}

/// FNV-1a: the same on every machine, unlike std::hash.
std::uint64_t hash_of(const std::string& text) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return hash;
}

bool is_norm(const std::string& name) {
  std::string lower = name;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
  return lower.find("norm") != std::string::npos;
}

/// The longest chunk that rows consist of and that is a whole number of blocks.
std::int64_t chunk_length(WeightType type, std::int64_t row_length) {
  const auto block = static_cast<std::int64_t>(tensor::block_length(type));
  std::int64_t chunk = std::max(block, kLongestChunk);
  while (row_length % chunk != 0 || chunk % block != 0) --chunk;
  return chunk;
}

}  // namespace

Result<std::vector<std::int64_t>> RandomWeights::shape(const std::string& name) const {
  return Error{ErrorCode::kModel, "random weights have no shape of their own ('" + name + "')"};
}

Status RandomWeights::read(const std::string& name, std::int64_t first, std::span<float> out) const {
  const bool is_bias = name.ends_with(".bias");
  if (is_bias || is_norm(name)) {
    std::fill(out.begin(), out.end(), is_bias ? 0.0F : 1.0F);
    return {};
  }
  constexpr float kRange = 0.035F;  // uniform with a deviation of 0.02
  const std::uint64_t seed = hash_of(name);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint64_t bits = scrambled(seed + static_cast<std::uint64_t>(first) + i) >> 40U;  // 24 of them
    out[i] = kRange * (static_cast<float>(bits) * 0x1p-23F - 1.0F);
  }
  return {};
}

Result<const RandomWeights::Pool*> RandomWeights::pool(WeightType type, std::int64_t row_length) const {
  const std::lock_guard lock(mutex_);
  const auto key = std::pair(type, row_length);
  if (const auto found = pools_.find(key); found != pools_.end()) return &found->second;
  const std::int64_t chunk = chunk_length(type, row_length);
  const std::int64_t chunks = std::max<std::int64_t>(1, kPoolElements / chunk);
  std::mt19937_64 engine(static_cast<std::uint64_t>(row_length));
  std::normal_distribution<float> normal(0.0F, 1.0F / std::sqrt(static_cast<float>(row_length)));
  std::vector<float> numbers(static_cast<std::size_t>(chunk * chunks));
  for (float& number : numbers) number = normal(engine);
  Pool pool;
  pool.chunk_bytes = tensor::row_bytes(type, static_cast<std::size_t>(chunk));
  pool.bytes.resize(pool.chunk_bytes * static_cast<std::size_t>(chunks));
  CINESCRIBE_TRY(tensor::quantise_rows(type, numbers, static_cast<std::size_t>(chunk), pool.bytes));
  return &pools_.emplace(key, std::move(pool)).first->second;
}

Status RandomWeights::stored_rows(const std::string& name, WeightType type, std::int64_t row_length,
                                  std::int64_t first_row, std::span<std::byte> out) const {
  CINESCRIBE_ASSIGN(const Pool* blocks, pool(type, row_length));
  const std::size_t chunks = blocks->bytes.size() / blocks->chunk_bytes;
  const std::uint64_t row_bytes = tensor::row_bytes(type, static_cast<std::size_t>(row_length));
  std::uint64_t state = hash_of(name) + static_cast<std::uint64_t>(first_row) * (row_bytes / blocks->chunk_bytes);
  for (std::size_t at = 0; at < out.size(); at += blocks->chunk_bytes) {
    const std::size_t which = static_cast<std::size_t>(scrambled(state++) % chunks);
    std::memcpy(out.data() + at, blocks->bytes.data() + which * blocks->chunk_bytes, blocks->chunk_bytes);
  }
  return {};
}

}  // namespace cinescribe::models
