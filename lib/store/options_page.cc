#include "store/options_page.h"

#include "store/option_section.h"
#include "store/option_table.h"

namespace tidemark {
inline namespace v0 {
std::string OptionsPage() {
  std::string page = "# Options\n\n";
  AddOptionParagraph(
      "Every option of a store, a topic, a cursor, a subscriber, a poll and a "
      "read, with its default. This page is printed from tables; a test "
      "compares them with it. Sizes are in bytes with 1 KiB = 1,024; a value "
      "out of range is InvalidArgument with the name of the option. The "
      "options of a producer are on [its own page](producer.md#options).",
      &page);
  page += "## Options of a store\n\n";
  AddOptionParagraph(
      "`StoreOptions`, given at each opening and kept nowhere. `Iot` is the "
      "preset `StoreOptions::Iot()` for gateways.",
      &page);
  AddOptionRows(StoreOptionTable(), StoreOptions(),
                {{"Iot", StoreOptions::Iot()}}, &page);
  page += "## Options of a topic\n\n";
  AddOptionParagraph(
      "`TopicOptions`, given when the topic is created and kept with it. "
      "Durations are kept in whole microseconds.",
      &page);
  AddOptionRows(TopicOptionTable(), TopicOptions(), {}, &page);
  page += "## Options of the partitions of a topic\n\n";
  AddOptionParagraph(
      "`PartitionOptions`, the part of `TopicOptions` that `Topic::Alter` can "
      "change. Sizes and ages take effect at the next roll, the rest at once.",
      &page);
  AddOptionRows(PartitionOptionTable(), PartitionOptions(), {}, &page);
  page.pop_back();  // one line end behind the last paragraph
  return page;
}

}  // namespace v0
}  // namespace tidemark
