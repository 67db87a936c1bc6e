#include <cstdio>
#include <thread>

int main() {
  int count = 0;
  std::thread other([&count] {
    for (int i = 0; i < 100000; ++i) ++count;
  });
  for (int i = 0; i < 100000; ++i) ++count;
  other.join();
  std::printf("%d\n", count);
}
