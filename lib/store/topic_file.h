#ifndef TIDEMARK_LIB_STORE_TOPIC_FILE_H_
#define TIDEMARK_LIB_STORE_TOPIC_FILE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "segment/identity.h"
#include "tidemark/env.h"
#include "tidemark/partition_options.h"
#include "tidemark/partitioner.h"
#include "tidemark/topic_options.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// What TOPIC says.
struct TopicRecord {
  std::string name;
  Id128 store_id;
  Id128 topic_id;
  int64_t create_micros = 0;
  PartitionNumber partition_count = 1;
  PartitionerKind partitioner = PartitionerKind::kKeyHash;
  std::string partitioner_name;  // not empty for kCustom only
  PartitionOptions options;

  friend bool operator==(const TopicRecord&, const TopicRecord&) = default;
};

// `duration` as TOPIC keeps it: in whole microseconds, rounded down, and
// infinite above 292,000 years.
int64_t DurationMicros(absl::Duration duration);
absl::Duration MicrosDuration(int64_t micros);

// The bytes of a TOPIC. The record is valid by the rules for options and names.
std::string EncodeTopic(const TopicRecord& record);

// Reads `bytes`, which nobody has vouched for; `path` is for messages. DataLoss
// when they are damaged; Unimplemented (newer format) for a later version or a
// number that this one does not know.
absl::StatusOr<TopicRecord> DecodeTopic(ByteSpan bytes, std::string_view path);

// Reads the TOPIC of a topic's directory and checks that it belongs to the
// store and to the name. DataLoss also when the file is missing.
absl::StatusOr<TopicRecord> ReadTopicFile(Directory& directory,
                                          std::string_view name,
                                          const Id128& store_id);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_TOPIC_FILE_H_
