#include <cstdio>
#include <limits>

int main(int argc, char**) {
  const int largest = std::numeric_limits<int>::max();
  std::printf("%d\n", largest + argc);
}
