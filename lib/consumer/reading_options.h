#ifndef TIDEMARK_LIB_CONSUMER_READING_OPTIONS_H_
#define TIDEMARK_LIB_CONSUMER_READING_OPTIONS_H_

#include <string>
#include <vector>

#include "store/option_table.h"
#include "tidemark/cursor_options.h"
#include "tidemark/partition.h"
#include "tidemark/subscriber.h"

namespace tidemark {
inline namespace v0 {

// What the fields of the options of readers are for; each in the order of its
// struct. They do not check: the Validate functions do.
const std::vector<OptionRow<CursorOptions>>& CursorOptionTable();
const std::vector<OptionRow<PollOptions>>& PollOptionTable();
const std::vector<OptionRow<SubscriberOptions>>& SubscriberOptionTable();
const std::vector<OptionRow<ReadOptions>>& ReadOptionTable();

// The last part of docs/options.md, printed from these tables.
std::string ReadingOptionsPage();

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_CONSUMER_READING_OPTIONS_H_
