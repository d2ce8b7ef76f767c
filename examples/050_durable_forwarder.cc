// Sends on only what a loss of power cannot take back.
//
// usage: 050_durable_forwarder DIRECTORY
//
// A forwarder that sends a record and then loses it by a power cut has told the
// world of something that the log does not know. A cursor that sees durable
// records only cannot do that.

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

// Sends what is durable by now and commits it.
absl::Status Forward(ConsumerCursor& cursor) {
  size_t count = 0;
  while (true) {
    const absl::StatusOr<tidemark::Records> records = cursor.Poll();
    if (!records.ok()) return records.status();
    if (records->empty()) break;
    for (const tidemark::RecordView& record : *records) {
      fmt::print("sent {}\n", record.value().value_or(""));
      ++count;
    }
    // The receiver has them: never send them again, whatever happens.
    absl::Status status = cursor.Commit();
    if (!status.ok()) return status;
  }
  if (count == 0) fmt::print("nothing to send\n");
  return absl::OkStatus();
}

absl::Status Run(std::string_view directory) {
  // Syncs happen when this program says so, to show the difference.
  absl::StatusOr<tidemark::Store> store = tidemark::Store::Open(
      directory, {.sync_interval = absl::InfiniteDuration()});
  if (!store.ok()) return store.status();
  absl::StatusOr<tidemark::Topic> topic = store->CreateTopic("readings");
  if (!topic.ok()) return topic.status();
  absl::StatusOr<ConsumerCursor> cursor = ConsumerCursor::Open(
      *store, {.topics = {"readings"},
               .start = Start::Committed(Start::Begin()),
               .name = "uplink",
               .visibility = tidemark::Visibility::kDurable,
               .commit_level = tidemark::Ack::kDisk});
  if (!cursor.ok()) return cursor.status();

  for (int i = 0; i < 3; ++i) {
    const std::string text = fmt::format("reading {}", i);
    const auto id = topic->Append({.value = text});
    if (!id.ok()) return id.status();
  }
  absl::Status status = Forward(*cursor);  // acknowledged, not durable
  if (status.ok()) status = topic->Sync();
  if (status.ok()) status = Forward(*cursor);
  return status.ok() ? store->Close() : status;
}

}  // namespace

int main(int argc, char** argv) {
  const absl::Status status =
      argc == 2 ? Run(argv[1]) : absl::InvalidArgumentError("DIRECTORY?");
  if (!status.ok()) fmt::print(stderr, "{}\n", fmt::streamed(status));
  return status.ok() ? 0 : 1;
}
