#ifndef TIDEMARK_LIB_CLI_LINE_READER_H_
#define TIDEMARK_LIB_CLI_LINE_READER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tidemark::cli {

// Reads a descriptor line by line, as many lines at a time as there are.
//
// A line feed ends a line and is not part of it; everything else is, a carriage
// return included. The last line may lack its line feed. Memory: two buffers'
// worth of the longest line.
//
// One thread. Borrows the descriptor. After an error it is of no more use.
class LineReader {
 public:
  // A line that is longer than a record and a separator may be is an error, so
  // that memory stays bounded. Shorter ones are the topic's to judge.
  LineReader(int descriptor, size_t record_bytes_max,
             size_t separator_bytes = 0)
      : descriptor_(descriptor),
        separator_bytes_(separator_bytes),
        line_bytes_max_(record_bytes_max + separator_bytes) {}

  // Waits for input and returns the lines in it; none while a line is not
  // complete. They are valid until the next call. At the end of the input, and
  // when a stop is requested, is_at_end() is true; what stands behind the last
  // line feed is a line in the first case only. ResourceExhausted names number
  // and size of a line that is too long, once those before it were returned.
  absl::StatusOr<std::vector<std::string_view>> Read();

  bool is_at_end() const { return is_at_end_; }
  // How many bytes were read.
  uint64_t bytes_read() const { return bytes_read_; }

 private:
  absl::StatusOr<size_t> Fill();
  // Reads and drops the rest of the line at the start of the buffer while it
  // comes, and counts it.
  absl::Status RefuseLine();

  const int descriptor_;
  const size_t separator_bytes_;
  const size_t line_bytes_max_;
  std::string buffer_;
  size_t begin_ = 0;    // of the first line that was not returned
  size_t scanned_ = 0;  // no line feed between begin_ and here
  bool is_at_end_ = false;
  uint64_t line_count_ = 0;  // that were returned
  uint64_t bytes_read_ = 0;
};

}  // namespace tidemark::cli

#endif  // TIDEMARK_LIB_CLI_LINE_READER_H_
