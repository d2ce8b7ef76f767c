#ifndef TIDEMARK_LIB_PRODUCER_PRODUCER_OPTION_TABLE_H_
#define TIDEMARK_LIB_PRODUCER_PRODUCER_OPTION_TABLE_H_

#include <vector>

#include "store/option_table.h"
#include "tidemark/producer.h"

namespace tidemark {
inline namespace v0 {

// The fields of ProducerOptions: validation and the list in docs/producer.md
// come from this table.
const std::vector<OptionRow<ProducerOptions>>& ProducerOptionTable();

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PRODUCER_PRODUCER_OPTION_TABLE_H_
