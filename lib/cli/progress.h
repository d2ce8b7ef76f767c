#ifndef TIDEMARK_LIB_CLI_PROGRESS_H_
#define TIDEMARK_LIB_CLI_PROGRESS_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace tidemark::cli {

// One line on standard error that says how far a command has come, when that is
// a terminal; else nothing at all.
//
// With a known size it is a bar, without one a count. It is drawn at most ten
// times a second. One thread. The destructor takes the line away.
class Progress {
 public:
  // `unit` in the plural: "records". `bytes_max` 0: not known.
  Progress(std::string unit, uint64_t bytes_max);
  ~Progress() { Clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Both count from the start.
  void Show(uint64_t count, uint64_t bytes);

  // Takes the line away, so that others can write to the terminal.
  void Clear();

 private:
  const bool is_terminal_;
  const std::string unit_;
  const uint64_t bytes_max_;
  const absl::Time begin_;
  absl::Time last_draw_ = absl::InfinitePast();
  bool is_drawn_ = false;
};

// What Progress draws in at most `columns`, from 20 on: "[####----]  42 % ...".
std::string ProgressLine(uint64_t count, const std::string& unit,
                         uint64_t bytes, uint64_t bytes_max,
                         absl::Duration elapsed, size_t columns);

}  // namespace tidemark::cli

#endif  // TIDEMARK_LIB_CLI_PROGRESS_H_
