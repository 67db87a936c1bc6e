#include <cstdio>
#include <memory>

int main(int argc, char**) {
  auto number = std::make_unique<int>(argc);
  const int* kept = number.get();
  number.reset();
  std::printf("%d\n", *kept);
}
