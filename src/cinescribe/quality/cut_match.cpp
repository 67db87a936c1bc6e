#include "cinescribe/quality/cut_match.h"

#include <algorithm>
#include <cstddef>

namespace cinescribe::quality {

namespace {

void make_set(std::vector<std::int64_t>& frames) {
  std::sort(frames.begin(), frames.end());
  frames.erase(std::unique(frames.begin(), frames.end()), frames.end());
}

double share(std::int64_t hits, std::size_t others) {
  const std::int64_t all = hits + static_cast<std::int64_t>(others);
  return all == 0 ? 1.0 : static_cast<double>(hits) / static_cast<double>(all);
}

}  // namespace

double CutMatch::precision() const { return share(hits, invented.size()); }
double CutMatch::recall() const { return share(hits, missed.size()); }

double CutMatch::f1() const {
  const double sum = precision() + recall();
  return sum == 0.0 ? 0.0 : 2.0 * precision() * recall() / sum;
}

CutMatch match_cuts(std::vector<std::int64_t> reference, std::vector<std::int64_t> result,
                    std::int64_t tolerance_frames) {
  make_set(reference);
  make_set(result);
  CutMatch match;
  double offsets = 0.0;
  // All reaches have one width, so taking the first found cut in reach of the first true cut never costs a pair.
  std::size_t found = 0;
  for (const std::int64_t cut : reference) {
    while (found < result.size() && result[found] < cut - tolerance_frames) match.invented.push_back(result[found++]);
    if (found < result.size() && result[found] <= cut + tolerance_frames) {
      offsets += static_cast<double>(result[found++] - cut);
      ++match.hits;
    } else {
      match.missed.push_back(cut);
    }
  }
  match.invented.insert(match.invented.end(), result.begin() + static_cast<std::ptrdiff_t>(found), result.end());
  if (match.hits > 0) match.mean_offset_frames = offsets / static_cast<double>(match.hits);
  return match;
}

}  // namespace cinescribe::quality
