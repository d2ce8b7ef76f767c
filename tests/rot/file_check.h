#ifndef TIDEMARK_TESTS_ROT_FILE_CHECK_H_
#define TIDEMARK_TESTS_ROT_FILE_CHECK_H_

#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "rot/damage.h"
#include "rot/evidence.h"
#include "rot/golden_store.h"

namespace tidemark::test {

// Sees to it that nobody mends, cuts or overwrites what holds records, or held
// them.
//
// Made right behind the damage, of which it keeps the files. Borrows all.
class FileCheck {
 public:
  FileCheck(const GoldenStore& golden, const Damage& damage, Env& machine);

  // A file as the damage left it; null if it is missing.
  const std::string* Bytes(const std::string& path) const;

  // Whether anything but zeros stands behind the record before `end`.
  bool HasTraceBehind(const GoldenPartition& golden, Offset end) const;

  // Compares the segments with what they are now: the damaged ones, or with
  // `is_whole` all of them. What is durable is as it was left, and a file that
  // is damaged there and in `reported` is as it was to its last byte.
  absl::Status Check(const std::map<TopicPartition, Evidence>& evidence,
                     const std::set<std::string>& reported,
                     bool is_whole) const;

 private:
  absl::Status CheckSegment(Directory& root, const Evidence& evidence,
                            const GoldenSegment& segment,
                            bool is_reported) const;

  const GoldenStore& golden_;
  const Damage& damage_;
  Env& machine_;
  // Those that differ from the golden ones.
  std::map<std::string, std::optional<std::string>> damaged_;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_ROT_FILE_CHECK_H_
