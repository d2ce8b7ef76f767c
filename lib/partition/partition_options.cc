#include "tidemark/partition_options.h"

#include <string_view>

#include "base/bytes.h"
#include "base/status_macros.h"
#include "fmt/core.h"
#include "record/batch_format.h"

namespace tidemark {
inline namespace v0 {
namespace {

absl::Status CheckRange(std::string_view field, uint64_t value, uint64_t min,
                        uint64_t max) {
  if (value >= min && value <= max) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("{} is {}, allowed are {} to {}", field, value, min, max));
}

absl::Status CheckAge(std::string_view field, absl::Duration value) {
  if (value >= absl::Milliseconds(1)) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "{} is {}, allowed is 1ms or more", field, absl::FormatDuration(value)));
}

}  // namespace

absl::Status ValidatePartitionOptions(const PartitionOptions& options) {
  if (options.ack != Ack::kMemory && options.ack != Ack::kProcess &&
      options.ack != Ack::kDisk) {
    return absl::InvalidArgumentError(
        fmt::format("ack is {}, allowed are kMemory, kProcess and kDisk",
                    static_cast<int>(options.ack)));
  }
  TIDEMARK_RETURN_IF_ERROR(FindCodec(options.compression).status());
  TIDEMARK_RETURN_IF_ERROR(CheckRange(
      "record_bytes_max", options.record_bytes_max, 1, kRecordBytesMaxCap));
  TIDEMARK_RETURN_IF_ERROR(
      CheckRange("batch_bytes", options.batch_bytes, kKiB, kMiB));
  TIDEMARK_RETURN_IF_ERROR(
      CheckRange("segment_bytes", options.segment_bytes, kKiB, 32 * kGiB));
  TIDEMARK_RETURN_IF_ERROR(CheckAge("segment_age", options.segment_age));
  return CheckAge("retention_age", options.retention_age);
}

}  // namespace v0
}  // namespace tidemark
