#include "line_reader.h"

#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "stop_signals.h"
#include "tidemark/error.h"

namespace tidemark::cli {
namespace {

constexpr size_t kReadBytes = 256 << 10;

// The size of a line that is refused is of interest, but not worth more.
constexpr uint64_t kCountedBytesMax = uint64_t{1} << 30;
constexpr int kPatienceMs = 1000;

bool IsReadableSoon(int descriptor) {
  pollfd wanted = {descriptor, POLLIN, 0};
  return ::poll(&wanted, 1, kPatienceMs) > 0;
}

}  // namespace

absl::StatusOr<size_t> LineReader::Fill() {
  const size_t size = buffer_.size();
  buffer_.resize(size + kReadBytes);
  ssize_t count = -1;
  do {
    if (!WaitUntilReadable(descriptor_)) {
      buffer_.resize(begin_);
      return 0;
    }
    count = ::read(descriptor_, buffer_.data() + size, kReadBytes);
  } while (count < 0 && (errno == EINTR || errno == EAGAIN));
  if (count < 0) {
    return absl::InternalError(
        fmt::format("standard input: read: {}\n"
                    "check where standard input comes from",
                    std::strerror(errno)));
  }
  buffer_.resize(size + static_cast<size_t>(count));
  bytes_read_ += static_cast<uint64_t>(count);
  return static_cast<size_t>(count);
}

absl::StatusOr<std::vector<std::string_view>> LineReader::Read() {
  buffer_.erase(0, begin_);
  scanned_ -= begin_;
  begin_ = 0;
  const absl::StatusOr<size_t> count = Fill();
  if (!count.ok()) return count.status();
  is_at_end_ = *count == 0;
  std::vector<std::string_view> lines;
  const std::string_view text = buffer_;
  for (size_t at = text.find('\n', std::min(scanned_, text.size()));
       at != std::string_view::npos; at = text.find('\n', begin_)) {
    lines.push_back(text.substr(begin_, at - begin_));
    begin_ = at + 1;
  }
  scanned_ = text.size();
  if (is_at_end_ && begin_ < text.size()) {
    lines.push_back(text.substr(begin_));
    begin_ = text.size();
  }
  line_count_ += lines.size();
  // The lines before one that is too long are as good as any.
  if (lines.empty() && text.size() - begin_ > line_bytes_max_) {
    return RefuseLine();
  }
  return lines;
}

absl::Status LineReader::RefuseLine() {
  uint64_t size = buffer_.size();
  bool is_counted = is_at_end_;
  while (!is_counted && size < kCountedBytesMax &&
         IsReadableSoon(descriptor_)) {
    buffer_.clear();
    const absl::StatusOr<size_t> count = Fill();
    if (!count.ok()) return count.status();
    const size_t end = buffer_.find('\n');
    is_counted = *count == 0 || end != std::string::npos;
    size += std::min(end, buffer_.size());
  }
  return WithReason(
      absl::ResourceExhaustedError(fmt::format(
          "standard input line {}: a record of {}{} bytes, the limit is {}",
          line_count_ + 1, is_counted ? "" : "at least ",
          size - separator_bytes_, line_bytes_max_ - separator_bytes_)),
      ErrorReason::kRecordTooLarge);
}

}  // namespace tidemark::cli
