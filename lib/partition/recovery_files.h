#ifndef TIDEMARK_LIB_PARTITION_RECOVERY_FILES_H_
#define TIDEMARK_LIB_PARTITION_RECOVERY_FILES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "partition/recovery_survey.h"
#include "segment/identity.h"
#include "segment/segment_header.h"
#include "segment/segment_trailer.h"
#include "tidemark/env.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// For what is taken as said if it is not there: `denied`, the NotFound of a
// call about `path`, or an I/O error if the name is there nonetheless.
absl::Status ConfirmAbsent(const Directory& root, std::string_view path,
                           absl::Status denied);

// A file with the name of a segment, as recovery finds it.
struct LogFile {
  std::string name;
  Offset base_offset = 0;  // by its name
  uint64_t size = 0;
  // The header is valid and belongs to this partition and this name. If not,
  // `fault` says why.
  bool has_header = false;
  std::string fault;
  bool is_one_header_damaged = false;
  SegmentHeader header;
  std::optional<SegmentTrailer> trailer;
  // Set when the batches were looked at one by one.
  std::optional<SegmentSurvey> survey;
};

// What stands in the directory of a partition.
struct PartitionFiles {
  std::vector<LogFile> logs;  // ascending
  // Entries that have the name of a segment and are something else: a segment
  // of another log, a directory, a link. Left alone.
  std::vector<LogFile> strangers;
  // Why a segment that was listed could not be opened: it is not there any
  // more. The highest base offset of such a segment is `vanished_base`.
  absl::Status vanished;
  Offset vanished_base = 0;
};

// Lists the directory and reads the head and the end of every segment in it.
// Keeps nothing open. A segment that vanishes meanwhile is left out and noted.
// Unimplemented with kNewerFormat when a segment is of a
// newer format.
absl::StatusOr<PartitionFiles> ReadPartitionFiles(
    Directory& root, std::string_view directory,
    const SegmentIdentity& identity);

// Walks the batches of `log`, which has a header, into its survey.
absl::Status SurveyLogFile(Directory& root, std::string_view directory,
                           SurveyOptions options, LogFile* log);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_RECOVERY_FILES_H_
