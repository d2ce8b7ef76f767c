#ifndef TIDEMARK_LIB_CLI_FINDINGS_H_
#define TIDEMARK_LIB_CLI_FINDINGS_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "output.h"
#include "tidemark/recovery_report.h"

namespace tidemark::cli {

// What a check has found, printed line by line as it is found: "ok" in front of
// what is sound, "DAMAGE" of what is not, "note" of what a person may want to
// know, "ERROR" of what could not be checked.
//
// One thread. Borrows the output.
class Findings {
 public:
  explicit Findings(Output& out) : out_(out) {}

  void Sound(std::string_view subject, std::string_view detail = "");
  void Note(std::string_view subject, std::string_view detail);

  // What a call about `subject` returned: damage or another error. OK is
  // neither.
  void Problem(std::string_view subject, const absl::Status& status);

  // Something that has to be there and is not.
  void Missing(std::string_view subject, std::string_view detail);

  // Something that contradicts the rest of the store.
  void Contradiction(std::string_view subject, std::string_view detail);

  // Damage of `file`, a path within the store.
  void Damage(std::string_view file, const DamagedRange& range);

  // The same, but a note if a crash may have left it: of a slot that may be
  // torn, of a store that was in use when it was left.
  void Slot(std::string_view file, const DamagedRange& range, bool was_in_use);

  uint64_t damage_count() const { return damage_count_; }
  uint64_t error_count() const { return error_count_; }

 private:
  Output& out_;
  uint64_t damage_count_ = 0;
  uint64_t error_count_ = 0;
};

}  // namespace tidemark::cli

#endif  // TIDEMARK_LIB_CLI_FINDINGS_H_
