// Starts every test program in the root of the checkout, so that tests name their data relative to it from wherever
// they are run.
#include <cstdio>

#include <gmock/gmock.h>
#include <unistd.h>

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  if (chdir(CINESCRIBE_ROOT) != 0) {
    std::perror("cannot enter " CINESCRIBE_ROOT);
    return 1;
  }
  return RUN_ALL_TESTS();
}
