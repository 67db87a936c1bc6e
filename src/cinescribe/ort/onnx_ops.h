#pragma once

#include <set>
#include <string>
#include <string_view>

namespace cinescribe::ort {

/// Names of the operators that an ONNX model file's graph uses ("Conv", "Exp", ...). Empty when the bytes are no ONNX
/// model. Reads foreign bytes: every length is checked, nothing is allocated by what they claim.
std::set<std::string> onnx_operators(std::string_view model);

}  // namespace cinescribe::ort
