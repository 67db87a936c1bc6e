#include "cinescribe/tensor/mapped_file.h"

#include <cerrno>
#include <cstdint>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cinescribe::tensor {

namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

Error read_error(const std::filesystem::path& path, const std::string& cause) {
  return {ErrorCode::kInput, "cannot read " + path.string() + ": " + cause};
}

}  // namespace

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
  // Without O_NONBLOCK, opening a FIFO would wait for a writer.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return read_error(path, std::generic_category().message(errno));
  struct stat facts = {};
  if (::fstat(file.get(), &facts) != 0) return read_error(path, std::generic_category().message(errno));
  if (!S_ISREG(facts.st_mode)) return read_error(path, "not a regular file");
  if (facts.st_size == 0) return MappedFile(std::span<const std::byte>());
  const auto size = static_cast<std::size_t>(facts.st_size);
  void* memory = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (memory == MAP_FAILED) {
    return Error{ErrorCode::kResource, "cannot map " + path.string() + " (" + std::to_string(size) +
                                           " bytes) into memory: " + std::generic_category().message(errno)};
  }
  return MappedFile(std::span<const std::byte>(static_cast<const std::byte*>(memory), size));
}

void MappedFile::release(std::span<const std::byte> part) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = (reinterpret_cast<std::uintptr_t>(part.data()) + page - 1) / page * page;
  const auto end = reinterpret_cast<std::uintptr_t>(part.data() + part.size()) / page * page;
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace cinescribe::tensor
