#ifndef TIDEMARK_TESTS_SUPPORT_EXPECTATION_H_
#define TIDEMARK_TESTS_SUPPORT_EXPECTATION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tidemark/types.h"

namespace tidemark::test {

// What is known of a partition at one moment of a run.
struct ExpectedLog {
  // The values in the order of their offsets; grows later, never changes.
  std::shared_ptr<const std::vector<std::string>> values;
  Offset submitted = 0;    // so many of them were handed to the library
  Offset process_end = 0;  // what must survive the process
  Offset durable_end = 0;  // and the machine
  Offset trim_asked = 0;   // the start is here at most
  Offset trim_done = 0;    // and here at least
};

// A topic that may be there. Two of one name: one was deleted for the other.
struct ExpectedTopic {
  std::string name;
  bool may_be_absent = true;
  bool may_be_there = true;
  PartitionNumber partitions_min = 1;
  std::vector<ExpectedLog> logs;  // of all partitions there may be
};

// What a named cursor committed at kDisk. Commits of a run only go forward.
struct ExpectedCommit {
  std::string cursor;
  std::string topic;
  PartitionNumber partition = 0;
  Offset acknowledged = -1;  // -1: none
  Offset asked = -1;
};

// What a crash at this moment may and may not leave.
struct Expectation {
  uint64_t version = 0;  // another one for each change
  std::vector<ExpectedTopic> topics;
  std::vector<ExpectedCommit> commits;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_SUPPORT_EXPECTATION_H_
