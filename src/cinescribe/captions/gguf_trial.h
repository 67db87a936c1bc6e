#pragma once

#include "cinescribe/captions/gguf_pair.h"
#include "cinescribe/core/status.h"

/// Looking at foreign model files; private to this room.
namespace cinescribe::captions {

/// Reads the headers of both files ourselves: sizes, types, names, that every tensor lies inside of its file, that one
/// is a language model and the other a picture half. Errors: kModel.
Status check_gguf_headers(const GgufPair& pair);

/// Lets llama.cpp plan both halves (shapes, graphs and memory, without reading weights) in a process of its own: it
/// ends the process by assertions where a file's numbers do not fit together, and files come from anywhere. Takes a
/// fraction of a second. The child does not compute on a GPU. Errors: kModel (with llama.cpp's last words), kResource
/// (no process, or no end within two minutes).
Status try_gguf_pair(const GgufPair& pair);

}  // namespace cinescribe::captions
