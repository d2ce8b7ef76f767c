#ifndef TIDEMARK_LIB_CLI_PARTITION_CHECK_H_
#define TIDEMARK_LIB_CLI_PARTITION_CHECK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "findings.h"
#include "progress.h"
#include "tidemark/env.h"
#include "tidemark/segment.h"
#include "tidemark/store.h"

namespace tidemark::cli {

// Checks partitions of one store: META and the shape of the log by opening it,
// every byte of its segments, and which files are there.
//
// One thread. Borrows everything. An error of one file does not keep it from
// the next one.
class PartitionCheck {
 public:
  PartitionCheck(Store& store, Directory& directory, Findings& findings,
                 Progress& progress)
      : store_(store),
        directory_(directory),
        findings_(findings),
        progress_(progress) {}

  void Check(const Topic& topic, PartitionNumber number);

  uint64_t segment_count() const { return segment_count_; }
  uint64_t bytes() const { return bytes_; }

 private:
  // What opening the partition found.
  PartitionRecovery RecoveryOf(const Topic& topic, PartitionNumber number);
  void ReportRecovery(const std::string& path,
                      const PartitionRecovery& recovery);
  // Reports what recovery has not told of. `end` is that of the log.
  void CheckSegment(const Segment& segment, const PartitionRecovery& recovery,
                    Offset end);
  void CheckMissing(const Topic& topic, const std::string& path);
  void CheckNames(const std::string& path, const std::vector<Segment>& segments,
                  const PartitionRecovery& recovery);

  Store& store_;
  Directory& directory_;
  Findings& findings_;
  Progress& progress_;
  uint64_t segment_count_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace tidemark::cli

#endif  // TIDEMARK_LIB_CLI_PARTITION_CHECK_H_
