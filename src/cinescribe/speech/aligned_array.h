#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>

namespace cinescribe::speech {

/// A fixed number of plain numbers on a boundary of 64 bytes, as the kernels want them; zero at first. Movable.
template <typename T>
class AlignedArray {
 public:
  AlignedArray() = default;
  explicit AlignedArray(std::size_t size)
      : bytes_(std::make_unique<Line[]>((size * sizeof(T) + 63) / 64)), size_(size) {}

  [[nodiscard]] T* data() { return reinterpret_cast<T*>(bytes_.get()); }
  [[nodiscard]] const T* data() const { return reinterpret_cast<const T*>(bytes_.get()); }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// At least this many numbers; the contents are lost when it grows.
  void reserve(std::size_t size) {
    if (size > size_) *this = AlignedArray(size);
  }

 private:
  struct alignas(64) Line {
    std::byte bytes[64];
  };
  std::unique_ptr<Line[]> bytes_;
  std::size_t size_ = 0;
};

}  // namespace cinescribe::speech
