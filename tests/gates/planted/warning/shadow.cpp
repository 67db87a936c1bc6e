// Planted: -Wshadow must end the build.
int sum(int x) {
  int total = 0;
  for (int i = 0; i < x; ++i) {
    int total = i;
    total += i;
  }
  return total;
}
