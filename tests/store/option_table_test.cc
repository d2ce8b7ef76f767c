#include "store/option_table.h"

#include <set>
#include <string>
#include <string_view>

#include "store/option_rows.h"
#include "support/catch.h"

namespace tidemark {
namespace {

template <typename Options>
void CheckRows(const std::vector<OptionRow<Options>>& rows) {
  std::set<std::string_view> names;
  for (const OptionRow<Options>& row : rows) {
    INFO(row.name);
    CHECK(names.insert(row.name).second);
    for (const std::string_view text : {row.what, row.when, row.cost}) {
      CHECK(text.ends_with('.'));
    }
    CHECK_FALSE(row.range.empty());
    CHECK_FALSE(row.show(Options()).empty());
    if (row.is_in_range != nullptr) CHECK(row.is_in_range(Options()));
  }
}

TEST_CASE("Every option has a name, a default in its range and all sentences",
          "[option_table]") {
  CheckRows(StoreOptionTable());
  CheckRows(PartitionOptionTable());
  CheckRows(TopicOptionTable());
}

TEST_CASE("Every field of the options has a row", "[option_table]") {
  // A new field changes the count of the fields and so this list.
  const StoreOptions store;
  const auto& [s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15,
               s16, s17] = store;
  CHECK(StoreOptionTable().size() == 17);
  const PartitionOptions partition;
  const auto& [p1, p2, p3, p4, p5, p6, p7, p8] = partition;
  CHECK(PartitionOptionTable().size() == 8);
  CHECK(TopicOptionTable().size() == 3);
  static_cast<void>(s1);
  static_cast<void>(p1);
}

TEST_CASE("Values are shown as a person would write them", "[option_table]") {
  CHECK(ShowBytes(0) == "0");
  CHECK(ShowBytes(1023) == "1023");
  CHECK(ShowBytes(1024) == "1 KiB");
  CHECK(ShowBytes(1536) == "1536");
  CHECK(ShowBytes(64 << 20) == "64 MiB");
  CHECK(ShowBytes(uint64_t{3} << 40) == "3 TiB");
  CHECK(ShowDuration(absl::Milliseconds(100)) == "100ms");
  CHECK(ShowDuration(absl::InfiniteDuration()) == "infinite");
}

}  // namespace
}  // namespace tidemark
