#include "cinescribe/pipeline/caption_run.h"

#include "cinescribe/pipeline/video_captions.h"

namespace cinescribe::pipeline {

namespace {

Status describe_all(VideoCaptions& video, const CaptionerSource& source, const std::stop_token& stop,
                    const ForecastListener& forecast) {
  if (video.is_described()) return {};
  CINESCRIBE_TRY(video.begin());
  CINESCRIBE_ASSIGN(captions::Captioner* const captioner, source.load(stop));
  if (forecast) CINESCRIBE_TRY(forecast(*captioner, video.forecast()));
  return video.describe(*captioner, {});
}

}  // namespace

Result<CaptionReport> caption_video(const std::filesystem::path& base, const std::filesystem::path& folder,
                                    const CaptionerSource& captioner, const CaptionRunOptions& options,
                                    ProgressListener& listener, const std::stop_token& stop,
                                    const ForecastListener& forecast) {
  const auto video = VideoCaptions::make(base, folder, captioner, options, listener, stop);
  CINESCRIBE_TRY(video->open());
  return video->finish(describe_all(*video, captioner, stop, forecast));
}

}  // namespace cinescribe::pipeline
