#include "progress.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "output.h"
#include "quantities.h"

namespace tidemark::cli {
namespace {

constexpr absl::Duration kDrawInterval = absl::Milliseconds(100);
constexpr size_t kBarWidth = 30;

// Carriage return, then "erase to the end of the line".
constexpr std::string_view kClearLine = "\r\033[K";

size_t TerminalColumns() {
  winsize size = {};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0) return 80;
  return std::max<size_t>(size.ws_col, 20);
}

}  // namespace

std::string ProgressLine(uint64_t count, const std::string& unit,
                         uint64_t bytes, uint64_t bytes_max,
                         absl::Duration elapsed, size_t columns) {
  std::string line;
  if (bytes_max > 0) {
    const double part = std::min(
        1.0, static_cast<double>(bytes) / static_cast<double>(bytes_max));
    const auto filled = static_cast<size_t>(part * kBarWidth);
    line = fmt::format("[{:#<{}}{:-<{}}] {:3.0f} %  ", "", filled, "",
                       kBarWidth - filled, part * 100);
  }
  const double seconds = std::max(absl::ToDoubleSeconds(elapsed), 1e-3);
  const auto rate = static_cast<uint64_t>(static_cast<double>(count) / seconds);
  const auto byte_rate =
      static_cast<uint64_t>(static_cast<double>(bytes) / seconds);
  line += fmt::format("{} {}, {}/s, {}/s", ShowCount(count), unit,
                      ShowCount(rate), ShowBytes(byte_rate));
  return line.substr(0, columns - 1);
}

Progress::Progress(std::string unit, uint64_t bytes_max)
    : is_terminal_(::isatty(STDERR_FILENO) == 1),
      unit_(std::move(unit)),
      bytes_max_(bytes_max),
      begin_(absl::Now()) {}

void Progress::Show(uint64_t count, uint64_t bytes) {
  if (!is_terminal_) return;
  const absl::Time now = absl::Now();
  if (now - last_draw_ < kDrawInterval) return;
  last_draw_ = now;
  is_drawn_ = true;
  WriteToPerson(fmt::format("{}{}", kClearLine,
                            ProgressLine(count, unit_, bytes, bytes_max_,
                                         now - begin_, TerminalColumns())));
}

void Progress::Clear() {
  if (is_drawn_) WriteToPerson(kClearLine);
  is_drawn_ = false;
}

}  // namespace tidemark::cli
