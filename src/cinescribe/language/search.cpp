#include "cinescribe/language/search.h"

#include <utility>

#include "cinescribe/language/beam_search.h"
#include "cinescribe/language/stop_check.h"
#include "cinescribe/language/token_search.h"

namespace cinescribe::language {

Result<std::unique_ptr<Search>> Search::create(const GenerationOptions& options, std::span<const TokenId> prompt_ids,
                                               int vocabulary, Detokenize detokenize) {
  CINESCRIBE_TRY(check_generation_options(options));
  if (!options.stop_strings.empty() && !detokenize) {
    return Error{ErrorCode::kUsage, "cannot generate: stop_strings need a tokenizer, and there is none here"};
  }
  for (const TokenId id : prompt_ids) {
    if (id >= vocabulary) {
      return Error{ErrorCode::kUsage, "cannot generate: the prompt holds the id " + std::to_string(id) +
                                          ", but the vocabulary has " + std::to_string(vocabulary) + " tokens"};
    }
  }
  CINESCRIBE_ASSIGN(const std::int64_t max_new_tokens,
                    max_new_tokens_of(options, static_cast<std::int64_t>(prompt_ids.size())));
  StopCheck stop(options, max_new_tokens, std::move(detokenize));
  if (options.num_beams > 1) {
    return std::unique_ptr<Search>(
        std::make_unique<VectorisedBeamSearch>(options, prompt_ids, max_new_tokens, std::move(stop)));
  }
  return std::unique_ptr<Search>(std::make_unique<TokenSearch>(options, prompt_ids, std::move(stop)));
}

}  // namespace cinescribe::language
