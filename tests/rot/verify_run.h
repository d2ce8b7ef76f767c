#ifndef TIDEMARK_TESTS_ROT_VERIFY_RUN_H_
#define TIDEMARK_TESTS_ROT_VERIFY_RUN_H_

#include <cstdint>
#include <string>

#include "rot/file_tree.h"

namespace tidemark::test {

// What `tidemark verify` says of the store on a machine.
class VerifyRun {
 public:
  // Checks the store. One at a time in each thread.
  explicit VerifyRun(Env& machine);

  int code() const { return code_; }  // the exit status
  const std::string& text() const { return text_; }

  // Whether a line of damage names the file and, if it names bytes, some of the
  // place. With `or_note` a note or an error will do.
  bool Names(const BytePlace& place, bool or_note) const;

  // Whether a line names something below this path.
  bool NamesBelow(const std::string& path, bool or_note) const;

 private:
  int code_ = 0;
  std::string text_;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_ROT_VERIFY_RUN_H_
