#include "cinescribe/core/thread_name.h"

#include <array>

#include <sys/prctl.h>

namespace cinescribe {

namespace {

constexpr std::size_t kLongest = 15;

void set_name(const std::string& name) { ::prctl(PR_SET_NAME, name.substr(0, kLongest).c_str(), 0, 0, 0); }

}  // namespace

ThreadName::ThreadName(const std::string& name) {
  std::array<char, kLongest + 1> text{};
  if (::prctl(PR_GET_NAME, text.data(), 0, 0, 0) == 0) before_ = text.data();
  set_name(name);
}

ThreadName::~ThreadName() {
  if (!before_.empty()) set_name(before_);
}

}  // namespace cinescribe
