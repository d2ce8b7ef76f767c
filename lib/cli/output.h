#ifndef TIDEMARK_LIB_CLI_OUTPUT_H_
#define TIDEMARK_LIB_CLI_OUTPUT_H_

#include <fmt/format.h>  // format_to is only there with every compiler

#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"

namespace tidemark::cli {

// A buffered writer to a descriptor, made for standard output.
//
// The first error stays, and everything after it is dropped; whoever writes
// much asks status() now and then. A reader that has gone away is such an
// error, too, but not one to complain about: is_reader_gone() tells.
//
// One thread. Borrows the descriptor. The destructor drops what Flush has not
// written.
class Output {
 public:
  explicit Output(int descriptor) : descriptor_(descriptor) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void Write(std::string_view text);

  template <typename... Values>
  void Print(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(buffer_), format,
                   std::forward<Values>(values)...);
    FlushIfLarge();
  }

  // Hands everything to the descriptor. Blocks while its reader does; a stop
  // signal ends that (see stop_signals.h) and drops the rest.
  absl::Status Flush();

  const absl::Status& status() const { return status_; }
  bool is_reader_gone() const { return is_reader_gone_; }

 private:
  void FlushIfLarge();

  const int descriptor_;
  std::string buffer_;
  absl::Status status_;
  bool is_reader_gone_ = false;
};

// Text for a person, at once, to standard error; PrintToPerson ends the line.
void WriteToPerson(std::string_view text);
void PrintToPerson(std::string_view text);

}  // namespace tidemark::cli

#endif  // TIDEMARK_LIB_CLI_OUTPUT_H_
