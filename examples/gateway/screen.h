#ifndef TIDEMARK_EXAMPLES_GATEWAY_SCREEN_H_
#define TIDEMARK_EXAMPLES_GATEWAY_SCREEN_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace gateway {

// The standard output: with colours, block characters and frames that replace
// each other on a terminal; plain ASCII, one frame below the other, elsewhere.
//
// One thread at a time.
class Screen {
 public:
  Screen();

  bool is_terminal() const { return is_terminal_; }

  // Shows lines in place of those of the last call.
  absl::Status ShowFrame(const std::vector<std::string>& lines);

  // A line that stays.
  absl::Status ShowLine(std::string_view line);

  std::string Bold(std::string_view text) const { return Styled("1", text); }
  std::string Dim(std::string_view text) const { return Styled("2", text); }
  std::string Red(std::string_view text) const { return Styled("31;1", text); }
  std::string Yellow(std::string_view text) const { return Styled("33", text); }
  std::string Green(std::string_view text) const {
    return Styled("32;1", text);
  }

  // `part` of a bar of `width` columns, from 0 to 1.
  std::string Bar(double part, int width) const;
  // The same, with what is missing shown as well.
  std::string Gauge(double part, int width) const;
  // A mark, and as many blanks as it has columns.
  std::string Check(bool is_good) const;
  std::string NoCheck() const { return is_terminal_ ? "  " : "      "; }

 private:
  std::string Styled(const char* code, std::string_view text) const;

  const bool is_terminal_;
  size_t frame_lines_ = 0;
};

}  // namespace gateway

#endif  // TIDEMARK_EXAMPLES_GATEWAY_SCREEN_H_
