// Planted: a value is read after it was moved away, and a function breaks the naming rule.
#include <string>
#include <utility>

std::string BadName(std::string text) {
  std::string taken = std::move(text);
  return taken + text;
}
