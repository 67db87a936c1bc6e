#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// A little English, for sentences made of labels.
namespace cinescribe::captions {

/// "person" -> "people", "bus" -> "buses", "sheep" -> "sheep"; of several words the last one is turned.
std::string plural(std::string_view noun);

/// "a car", "an apple", "2 cars"; nouns that are plural already ("scissors") get no article.
std::string counted(int count, std::string_view noun);

/// "a", "a and b", "a, b and c".
std::string joined(const std::vector<std::string>& parts);

}  // namespace cinescribe::captions
