#ifndef TIDEMARK_LIB_STORE_LAYOUT_H_
#define TIDEMARK_LIB_STORE_LAYOUT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "segment/identity.h"
#include "tidemark/types.h"

// Every name in a store's directory above its partitions. All paths are
// relative to the store.
namespace tidemark {
inline namespace v0 {

constexpr std::string_view kStoreFileName = "STORE";
constexpr std::string_view kLockFileName = "LOCK";
constexpr std::string_view kTopicsDirectory = "topics";
constexpr std::string_view kCursorsDirectory = "cursors";
constexpr std::string_view kTopicFileName = "TOPIC";
constexpr std::string_view kTemporarySuffix = ".tmp";

constexpr size_t kTopicNameMax = 249;
constexpr PartitionNumber kPartitionsMax = 100000;

// OK for a name that a topic may have: 1 to 249 of [A-Za-z0-9._-], not
// beginning with a dot, not ending in .log, .idx or .tmp. InvalidArgument says
// which rule is broken.
absl::Status CheckTopicName(std::string_view name);

// The same rules for the name of something else; `what` is for the message.
absl::Status CheckName(std::string_view what, std::string_view name);

// "topics/<name>"
std::string TopicPath(std::string_view name);
// "topics/<name>/TOPIC", for any directory of a topic.
std::string TopicFilePath(std::string_view topic_path);
// "topics/<name>/<number>", for any directory of a topic.
std::string PartitionPath(std::string_view topic_path, PartitionNumber number);

// "topics/.new-<id>": a topic that is being created.
std::string NewTopicPath(const Id128& id);
// "topics/.deleted-<id>": a topic that is being removed.
std::string DeletedTopicPath(const Id128& id);
// Whether a name in topics/ is one that the two functions above make.
bool IsLeftoverName(std::string_view name);

// The number in the name of a partition's directory: decimal, without leading
// zeros, below kPartitionsMax. Nothing for any other name.
std::optional<PartitionNumber> ParsePartitionName(std::string_view name);

// Whether a name in the store's directory is one that a store of any age may
// have before its STORE is written, so that it tells nothing about an owner.
bool IsNameOfUnfinishedStore(std::string_view name);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_LAYOUT_H_
