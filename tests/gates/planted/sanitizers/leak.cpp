#include <cstdio>
#include <memory>

int main(int argc, char**) {
  auto number = std::make_unique<int>(argc);
  std::printf("%d\n", *number.release());
}
