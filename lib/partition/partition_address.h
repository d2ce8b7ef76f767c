#ifndef TIDEMARK_LIB_PARTITION_PARTITION_ADDRESS_H_
#define TIDEMARK_LIB_PARTITION_PARTITION_ADDRESS_H_

#include <string>

#include "segment/identity.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// Names one partition of a store.
struct PartitionAddress {
  std::string topic;
  Id128 topic_id;
  PartitionNumber number = 0;
  std::string path;  // "topics/<topic>/<number>", relative to the store
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_PARTITION_ADDRESS_H_
