#include "tidemark/records.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "record/batch_fixture.h"
#include "record/record_codec.h"
#include "record/record_runs.h"
#include "support/catch.h"

namespace tidemark::test {
namespace {

TEST_CASE("An empty range has no records", "[record]") {
  const Records records;
  CHECK(records.empty());
  CHECK(records.byte_size() == 0);
  CHECK(records.begin() == records.end());
  const Records without_runs(std::make_unique<RecordRuns>());
  CHECK(without_runs.begin() == without_runs.end());
}

// Two runs of partition 1 of "first" and one of partition 2 of "second".
Records ThreeRuns() {
  auto payload = std::make_shared<std::string>();
  auto runs = std::make_unique<RecordRuns>();
  runs->topics = {std::make_shared<const std::string>("first"),
                  std::make_shared<const std::string>("second")};
  std::vector<size_t> starts;
  starts.push_back(payload->size());
  Encode({.value = "a"}, 11, 10, payload.get());
  Encode({.key = "k", .value = "b"}, 12, 11, payload.get());
  starts.push_back(payload->size());
  Encode({.value = "c"}, 20, 20, payload.get());
  starts.push_back(payload->size());
  *payload += std::string("\x20\x01\x00", 3);  // a control entry
  Encode({.value = "d"}, 30, 30, payload.get());
  const std::byte* const bytes = AsBytes(*payload).data();
  const std::string* const first = runs->topics[0].get();
  runs->runs = {{.topic = first,
                 .partition = 1,
                 .first = {.next = bytes + starts[0], .offset = 5, .time = 10},
                 .record_count = 2,
                 .append_time = 100},
                {.topic = first,
                 .partition = 1,
                 .first = {.next = bytes + starts[1], .offset = 9, .time = 20},
                 .record_count = 1,
                 .append_time = 200},
                {.topic = runs->topics[1].get(),
                 .partition = 2,
                 .first = {.next = bytes + starts[2], .offset = 0, .time = 30},
                 .record_count = 1,
                 .append_time = 300}};
  runs->record_count = 4;
  runs->byte_size = payload->size();
  runs->owners.push_back(payload);
  return Records(std::move(runs));
}

TEST_CASE("Records come run by run with all they belong to", "[record]") {
  const Records records = ThreeRuns();
  std::vector<OwnedRecord> found;
  for (const RecordView& view : records) found.emplace_back(view);
  REQUIRE(found.size() == 4);
  CHECK(found[0].topic == "first");
  CHECK(found[0].id == RecordId{.partition = 1, .offset = 5});
  CHECK(MicrosOf(found[0]) == 11);
  CHECK(found[1].id.offset == 6);
  CHECK(found[1].key == "k");
  CHECK(MicrosOf(found[1]) == 12);
  CHECK(absl::ToUnixMicros(found[1].append_time) == 100);
  CHECK(found[2].id.offset == 9);
  CHECK(found[2].key == std::nullopt);
  CHECK(MicrosOf(found[2]) == 20);
  CHECK(absl::ToUnixMicros(found[2].append_time) == 200);
  CHECK(found[3].topic == "second");
  CHECK(found[3].id == RecordId{.partition = 2, .offset = 0});
  CHECK(found[3].value == "d");
}

TEST_CASE("A range can be walked twice and moved", "[record]") {
  Records records = ThreeRuns();
  CHECK(records.size() == 4);
  CHECK(records.byte_size() > 4);
  const auto count = [](const Records& range) {
    size_t result = 0;
    for (auto it = range.begin(); it != range.end(); it++) {
      result += it->value()->size();
    }
    return result;
  };
  CHECK(count(records) == 4);
  const Records moved = std::move(records);
  CHECK(count(moved) == 4);
  Records assigned;
  assigned = ThreeRuns();
  CHECK(count(assigned) == 4);
}

}  // namespace
}  // namespace tidemark::test
