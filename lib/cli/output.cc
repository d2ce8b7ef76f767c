#include "output.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include "stop_signals.h"

namespace tidemark::cli {
namespace {

constexpr size_t kBufferBytes = 64 << 10;

// Writes all of `text`; returns the errno, 0 when everything is written.
int WriteAll(int descriptor, std::string_view text) {
  while (!text.empty()) {
    size_t size = text.size();
    if (CatchesStopSignals()) {
      // A pipe that poll reports as writable takes so much without blocking.
      if (!WaitUntilWritable(descriptor)) return EINTR;
      size = std::min<size_t>(size, PIPE_BUF);
    }
    const ssize_t written = ::write(descriptor, text.data(), size);
    if (written < 0) {
      if (errno == EINTR || errno == EAGAIN) continue;
      return errno;
    }
    text.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

}  // namespace

void Output::Write(std::string_view text) {
  buffer_ += text;
  FlushIfLarge();
}

void Output::FlushIfLarge() {
  // The error stays in status_.
  if (buffer_.size() >= kBufferBytes) Flush().IgnoreError();
}

absl::Status Output::Flush() {
  if (status_.ok() && !buffer_.empty()) {
    const int error = WriteAll(descriptor_, buffer_);
    is_reader_gone_ = error == EPIPE;
    if (error == EINTR) {
      status_ = absl::CancelledError("standard output: stopped by a signal");
    } else if (error != 0) {
      status_ = absl::InternalError(
          fmt::format("standard output: write: {}", std::strerror(error)));
    }
  }
  buffer_.clear();
  return status_;
}

void WriteToPerson(std::string_view text) {
  // Standard error is the last resort; nobody is left to tell.
  static_cast<void>(WriteAll(STDERR_FILENO, text));
}

void PrintToPerson(std::string_view text) {
  std::string line(text);
  if (!line.ends_with('\n')) line += '\n';
  WriteToPerson(line);
}

}  // namespace tidemark::cli
