#pragma once

namespace cinescribe::pipeline {

/// The life of a captioner's own process: loads the captioner that it is told, describes the scenes that it is sent,
/// reports four times a second that it lives, and ends when the other end of the wire at `fd` goes. `parent` is the
/// process that started it: its death ends this one, too. Takes over the process's log sink. Returns the exit code.
int serve_captions(int fd, long parent);

}  // namespace cinescribe::pipeline
