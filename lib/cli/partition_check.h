#ifndef TIDEMARK_LIB_CLI_PARTITION_CHECK_H_
#define TIDEMARK_LIB_CLI_PARTITION_CHECK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
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
  PartitionCheck(Store& store, Env& env, Directory& directory,
                 Findings& findings, Progress& progress)
      : store_(store),
        env_(env),
        directory_(directory),
        findings_(findings),
        progress_(progress) {}

  // False if the partition could not be opened.
  bool Check(const Topic& topic, PartitionNumber number);

  // The segments in a directory of a partition whose topic cannot be opened, by
  // what they say of themselves.
  void CheckWithoutTopic(const std::string& path);

  uint64_t segment_count() const { return segment_count_; }
  uint64_t bytes() const { return bytes_; }

 private:
  void ReportRecovery(const std::string& path,
                      const PartitionRecovery& recovery);
  // Reports what recovery has not told of. `end` is that of the log.
  void CheckSegment(const Segment& segment, const PartitionRecovery& recovery,
                    Offset end);
  void CheckSegmentAlone(const std::string& file);
  // Hands damage to `report` and tells the rest.
  void CheckBytes(const Segment& segment,
                  absl::FunctionRef<void(const DamagedRange&)> report);
  // `status` is that of opening the partition at `path`.
  void ReportMissing(const Topic& topic, const std::string& path,
                     const absl::Status& status);
  void CheckNames(const std::string& path, const std::vector<Segment>& segments,
                  const PartitionRecovery& recovery);

  Store& store_;
  Env& env_;
  Directory& directory_;
  Findings& findings_;
  Progress& progress_;
  uint64_t segment_count_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace tidemark::cli

#endif  // TIDEMARK_LIB_CLI_PARTITION_CHECK_H_
