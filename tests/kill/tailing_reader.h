#ifndef TIDEMARK_TESTS_KILL_TAILING_READER_H_
#define TIDEMARK_TESTS_KILL_TAILING_READER_H_

#include <sys/types.h>

#include <array>
#include <string>

#include "process/submissions.h"

namespace tidemark::test {

// A forked process that follows a store by a cursor, from its first record to
// the end of this object, whatever becomes of those who write. Fork it while no
// thread runs in the test.
class TailingReader {
 public:
  TailingReader(const std::string& directory, Visibility visibility);
  ~TailingReader();
  TailingReader(const TailingReader&) = delete;
  TailingReader& operator=(const TailingReader&) = delete;

  // Takes what it has seen by now. Fails the test when the reader met an error,
  // or saw other offsets than the next ones.
  void Take();

  // Waits until it has seen the first `size` records of a partition.
  void WaitFor(PartitionNumber partition, size_t size);

  const NumberLog& seen(PartitionNumber partition) const {
    return seen_.at(static_cast<size_t>(partition));
  }

 private:
  pid_t process_ = -1;
  int pipe_ = -1;
  std::array<NumberLog, kPartitions> seen_;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_KILL_TAILING_READER_H_
