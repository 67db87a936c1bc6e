#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cinescribe::quality {

/// F1 of character n-grams (1 to 6, white space left out), 0..1: chrF with beta = 1, so that neither text is the
/// reference. Averages precision and recall over the orders that both texts have. 0 when one has no characters.
/// @source M. Popović, chrF, 2015; the definition of sacrebleu 2.5 (CHRF(beta=1)).
double character_likeness(std::string_view a, std::string_view b);

/// F1 of the words of two texts as bags: how much of their vocabulary they share, whatever its order. 0..1.
double word_likeness(const std::vector<std::string>& a, const std::vector<std::string>& b);

/// Share of phrases of four words that come again within the text, 0..1; 0 for texts of fewer words.
double repetition_rate(const std::vector<std::string>& words);

}  // namespace cinescribe::quality
