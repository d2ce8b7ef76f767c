#ifndef TIDEMARK_LIB_PRODUCER_DELIVERY_LEVEL_H_
#define TIDEMARK_LIB_PRODUCER_DELIVERY_LEVEL_H_

#include "producer/delivery_queue.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// Brings what the lanes of the chain have taken to `level`, with one sync or
// write for each partition, and one sync of the file system for many. Sets
// `reached` of each lane, and `status` to why the rest is not known to be
// there.
//
// Blocks for the device. A partition that fails does not hold up the others.
// Costs nothing when the level is reached already.
void ReachLevel(DeliveryLane* first, Ack level) noexcept;

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PRODUCER_DELIVERY_LEVEL_H_
