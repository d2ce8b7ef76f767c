// Commits halfway, goes on there, and moves to a time, an offset, the end.
// usage: 030_seek_and_commit DIRECTORY

#include <cstdio>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "fmt/core.h"
#include "fmt/ostream.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/store.h"

namespace {

using tidemark::ConsumerCursor;
using tidemark::Start;

// Prints the offset of the next record, if there is one.
absl::Status PrintNext(ConsumerCursor& cursor, std::string_view what) {
  const absl::StatusOr<tidemark::Records> records =
      cursor.Poll({.records_max = 1});
  if (!records.ok()) return records.status();
  fmt::print("{}: {}\n", what,
             records->empty()
                 ? "nothing"
                 : fmt::format("offset {}", records->begin()->offset()));
  return absl::OkStatus();
}

absl::StatusOr<ConsumerCursor> OpenReader(tidemark::Store& store) {
  return ConsumerCursor::Open(store, {.topics = {"hours"},
                                      .start = Start::Committed(Start::Begin()),
                                      .name = "reader"});
}

absl::Status Run(std::string_view directory) {
  absl::StatusOr<tidemark::Store> store = tidemark::Store::Open(directory);
  if (!store.ok()) return store.status();
  absl::StatusOr<tidemark::Topic> topic = store->CreateTopic("hours");
  if (!topic.ok()) return topic.status();
  const absl::Time midnight = absl::FromUnixSeconds(1'000'000'000);
  for (int hour = 0; hour < 24; ++hour) {
    const std::string text = fmt::format("hour {}", hour);
    const auto id = topic->Append(
        {.value = text, .create_time = midnight + absl::Hours(hour)});
    if (!id.ok()) return id.status();
  }

  absl::StatusOr<ConsumerCursor> cursor = OpenReader(*store);
  if (!cursor.ok()) return cursor.status();
  absl::Status status = cursor->Poll({.records_max = 12}).status();
  if (status.ok()) status = cursor->Commit();
  if (status.ok()) status = PrintNext(*cursor, "behind the commit");
  if (status.ok()) status = cursor->Close();  // that one is not committed
  if (!status.ok()) return status;

  cursor = OpenReader(*store);
  if (!cursor.ok()) return cursor.status();
  status = PrintNext(*cursor, "opened again");
  const absl::Time evening = midnight + absl::Hours(18) - absl::Minutes(30);
  if (status.ok()) status = cursor->Seek(Start::AtTime(evening));
  if (status.ok()) status = PrintNext(*cursor, "at half past five");
  if (status.ok()) status = cursor->Seek({"hours", 0}, Start::AtOffset(3));
  if (status.ok()) status = PrintNext(*cursor, "at offset 3");
  if (status.ok()) status = cursor->Seek(Start::End());
  if (status.ok()) status = PrintNext(*cursor, "at the end");
  return status.ok() ? store->Close() : status;
}

}  // namespace

int main(int argc, char** argv) {
  const absl::Status status =
      argc == 2 ? Run(argv[1]) : absl::InvalidArgumentError("DIRECTORY?");
  if (!status.ok()) fmt::print(stderr, "{}\n", fmt::streamed(status));
  return status.ok() ? 0 : 1;
}
