#ifndef TIDEMARK_LIB_STORE_UNREADABLE_TOPICS_H_
#define TIDEMARK_LIB_STORE_UNREADABLE_TOPICS_H_

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "partition/takeover.h"
#include "segment/identity.h"
#include "store/open_partitions.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// The topics of a store whose TOPIC is damaged, as a place for records that a
// dead owner left in memory: META and the segments of their partitions say
// whose they are.
//
// Not thread-safe; to be used before anybody else uses the store. Keeps
// nothing open. Records that find no partition here may be offered again.
class UnreadableTopics {
 public:
  explicit UnreadableTopics(std::shared_ptr<OpenPartitions> partitions)
      : partitions_(std::move(partitions)) {}

  // Adds the topic `name`, which could not be opened for `damage`.
  void Add(std::string name, absl::Status damage) {
    topics_.emplace_back(std::move(name), std::move(damage));
  }

  // The name of the topic with this partition; empty if none of them has it.
  // When nothing says whose a topic is: why that topic cannot be opened, or the
  // error of the directory.
  absl::StatusOr<std::string> FindOwner(const Id128& topic_id,
                                        PartitionNumber number) const;

  // Appends `batches` to that partition of the topic `name`, makes them durable
  // and closes it. With the options of a new topic, for nobody can read others.
  absl::Status TakeOver(std::string_view name, const Id128& topic_id,
                        PartitionNumber number,
                        std::span<const TakenBatch* const> batches) const;

 private:
  const std::shared_ptr<OpenPartitions> partitions_;
  std::vector<std::pair<std::string, absl::Status>> topics_;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_UNREADABLE_TOPICS_H_
