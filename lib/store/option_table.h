#ifndef TIDEMARK_LIB_STORE_OPTION_TABLE_H_
#define TIDEMARK_LIB_STORE_OPTION_TABLE_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "tidemark/partition_options.h"
#include "tidemark/store_options.h"
#include "tidemark/topic_options.h"
#include "tidemark/types.h"

// All options in one place: validation, docs/options.md and the command line
// come from these tables. Defaults are read from the structs themselves.
namespace tidemark {
inline namespace v0 {

// One field of a struct of options.
template <typename Options>
struct OptionRow {
  std::string_view name;
  std::string_view what;  // what it does
  std::string_view when;  // when to change it
  std::string_view cost;  // what that costs
  std::string range;      // "1 KiB to 1 TiB"
  std::function<std::string(const Options&)> show;
  std::function<bool(const Options&)> is_in_range;  // null: every value is
};

const std::vector<OptionRow<StoreOptions>>& StoreOptionTable();
const std::vector<OptionRow<PartitionOptions>>& PartitionOptionTable();
// The fields that TopicOptions adds to PartitionOptions.
const std::vector<OptionRow<TopicOptions>>& TopicOptionTable();

// InvalidArgument unless a topic may have so many partitions.
absl::Status CheckPartitionCount(PartitionNumber count);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_OPTION_TABLE_H_
