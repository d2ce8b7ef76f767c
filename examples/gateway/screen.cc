#include "screen.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "fmt/core.h"
#include "text_file.h"

namespace gateway {
namespace {

std::string Repeated(std::string_view text, int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += text;
  return result;
}

int Columns(double part, int width) {
  return static_cast<int>(std::lround(std::clamp(part, 0.0, 1.0) * width));
}

}  // namespace

Screen::Screen() : is_terminal_(::isatty(STDOUT_FILENO) == 1) {}

absl::Status Screen::ShowFrame(const std::vector<std::string>& lines) {
  // One write a frame, so that whoever dies leaves a whole one.
  std::string text;
  if (is_terminal_ && frame_lines_ > 0) {
    text = fmt::format("\x1b[{}A", frame_lines_);
  }
  for (const std::string& line : lines) {
    text += line;
    text += is_terminal_ ? "\x1b[K\n" : "\n";
  }
  frame_lines_ = lines.size();
  return WriteAll(STDOUT_FILENO, text);
}

absl::Status Screen::ShowLine(std::string_view line) {
  frame_lines_ = 0;
  return WriteAll(STDOUT_FILENO, std::string(line) + "\n");
}

std::string Screen::Bar(double part, int width) const {
  return Repeated(is_terminal_ ? "\u2587" : "#", Columns(part, width));
}

std::string Screen::Gauge(double part, int width) const {
  const int full = Columns(part, width);
  return Repeated(is_terminal_ ? "\u2588" : "#", full) +
         Repeated(is_terminal_ ? "\u2591" : ".", width - full);
}

std::string Screen::Check(bool is_good) const {
  if (!is_terminal_) return is_good ? "ok    " : "WRONG ";
  return is_good ? Green("\u2714 ") : Red("\u2718 ");
}

std::string Screen::Styled(const char* code, std::string_view text) const {
  if (!is_terminal_) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

}  // namespace gateway
