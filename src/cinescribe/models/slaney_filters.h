#pragma once

#include <vector>

namespace cinescribe::models {

/// Whisper's mel filters: `n_mels` rows of 201 f32 (FFT of 400 samples at 16 kHz, 0 to 8000 Hz), triangles of equal
/// area on Slaney's mel scale. @source librosa.filters.mel(htk=False, norm="slaney")
std::vector<float> slaney_filters(int n_mels);

}  // namespace cinescribe::models
