#ifndef TIDEMARK_EXAMPLES_GATEWAY_ARCHIVE_H_
#define TIDEMARK_EXAMPLES_GATEWAY_ARCHIVE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tidemark/positions.h"
#include "tidemark/records.h"
#include "tidemark/types.h"

namespace gateway {

// A record as a line of the archive holds it.
struct ArchivedRecord {
  tidemark::TopicPartition partition;
  tidemark::Offset offset = 0;
  uint64_t row = 0;
  std::string text;
};

// The whole blocks at the start of an archive.
struct ArchiveContent {
  std::vector<ArchivedRecord> records;
  tidemark::Positions positions;  // behind the last block
  uint64_t block_count = 0;
  uint64_t byte_count = 0;
};
ArchiveContent ParseArchive(std::string_view bytes);

// A file that holds each record of the log exactly once, whatever happens to
// the process that writes it.
//
// It is a sequence of blocks: the records of one Poll, a line each, and a last
// line with the size of the block, its checksum, and the positions of the
// cursor behind these records. So records and positions reach the file together
// or not at all: a block that a crash cut short is cut away at the next Open,
// and the positions of the block before it say where to read on. A commit in
// the store could not do that: it follows the block, and a crash in between
// would repeat the block.
//
// One thread at a time. After an error it refuses everything.
class Archive {
 public:
  static absl::StatusOr<Archive> Open(const std::string& path);
  Archive(Archive&& other) noexcept;
  Archive& operator=(Archive&&) = delete;
  ~Archive();

  // Writes one block and syncs the file.
  absl::Status Append(const tidemark::Records& records,
                      const tidemark::Positions& positions);

  const tidemark::Positions& positions() const { return positions_; }
  uint64_t record_count() const { return record_count_; }
  uint64_t byte_count() const { return byte_count_; }
  // What Open cut away.
  uint64_t cut_byte_count() const { return cut_byte_count_; }

 private:
  explicit Archive(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
  tidemark::Positions positions_;
  uint64_t record_count_ = 0;
  uint64_t byte_count_ = 0;
  uint64_t cut_byte_count_ = 0;
  absl::Status failure_;
};

}  // namespace gateway

#endif  // TIDEMARK_EXAMPLES_GATEWAY_ARCHIVE_H_
