#pragma once

#include "cinescribe/core/status.h"
#include "cinescribe/text/bpe.h"
#include "cinescribe/text/sentencepiece_file.h"

namespace cinescribe::text {

/// The BPE model of a SentencePiece file as transformers' converter makes it: every way to cut a piece into two pieces
/// is a merge, the highest score first. Errors: kModel (another algorithm than BPE, texts that occur twice).
///
/// @source transformers 4.57.1, convert_slow_tokenizer, LlamaConverter
Result<Bpe> bpe_of_sentencepiece(const SentencePieceFile& file);

}  // namespace cinescribe::text
