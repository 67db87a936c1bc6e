#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

namespace cinescribe {

/// Builds GGUF files in memory, byte by byte and without ggml, so that tests can also build wrong ones.
class GgufBytes {
 public:
  void text(const std::string& key, const std::string& value) {
    put_key(key, 8);
    put_text(metadata_, value);
  }
  void u32(const std::string& key, std::uint32_t value) {
    put_key(key, 4);
    put(metadata_, value);
  }
  void f32(const std::string& key, float value) {
    put_key(key, 6);
    put(metadata_, value);
  }
  void texts(const std::string& key, const std::vector<std::string>& values) {
    put_key(key, 9);
    put(metadata_, std::uint32_t{8});
    put(metadata_, std::uint64_t{values.size()});
    for (const auto& value : values) put_text(metadata_, value);
  }
  /// Raw bytes in place of a value, behind the type id.
  void raw(const std::string& key, std::uint32_t type, const std::string& bytes) {
    put_key(key, type);
    metadata_ += bytes;
  }

  /// `data`: the tensor's bytes as its type wants them.
  void tensor(const std::string& name, std::int32_t type, const std::vector<std::int64_t>& shape,
              const std::string& data) {
    put_text(tensors_, name);
    put(tensors_, static_cast<std::uint32_t>(shape.size()));
    for (const std::int64_t n : shape) put(tensors_, n);
    put(tensors_, type);
    put(tensors_, std::uint64_t{data_.size()});
    data_ += data;
    data_.resize((data_.size() + 31) / 32 * 32, '\0');
    ++tensor_count_;
  }
  void tensor(const std::string& name, const std::vector<std::int64_t>& shape, const std::vector<float>& values) {
    std::string bytes(values.size() * sizeof(float), '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    tensor(name, 0, shape, bytes);
  }

  [[nodiscard]] std::string header() const {
    std::string out = "GGUF";
    put(out, std::uint32_t{3});
    put(out, std::uint64_t{tensor_count_});
    put(out, std::uint64_t{key_count_});
    return out + metadata_ + tensors_;
  }
  [[nodiscard]] std::string bytes() const {
    std::string out = header();
    out.resize((out.size() + 31) / 32 * 32, '\0');
    return out + data_;
  }
  void write(const std::string& path) const {
    std::ofstream file(path, std::ios::binary);
    const std::string all = bytes();
    file.write(all.data(), static_cast<std::streamsize>(all.size()));
  }

  template <typename T>
  static void put(std::string& to, T value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    to.append(bytes, sizeof value);
  }
  static void put_text(std::string& to, const std::string& value) {
    put(to, std::uint64_t{value.size()});
    to += value;
  }

 private:
  void put_key(const std::string& key, std::uint32_t type) {
    put_text(metadata_, key);
    put(metadata_, type);
    ++key_count_;
  }

  std::string metadata_;
  std::string tensors_;
  std::string data_;
  std::uint64_t key_count_ = 0;
  std::uint64_t tensor_count_ = 0;
};

}  // namespace cinescribe
