// Appends three records to a topic and reads them back.
//
// usage: 010_append_and_read DIRECTORY

#include <cstdio>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "fmt/core.h"
#include "fmt/ostream.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/store.h"

namespace {

absl::Status Run(std::string_view directory) {
  absl::StatusOr<tidemark::Store> store = tidemark::Store::Open(directory);
  if (!store.ok()) return store.status();
  absl::StatusOr<tidemark::Topic> topic = store->OpenOrCreateTopic("greetings");
  if (!topic.ok()) return topic.status();

  // Each append returns when the record survives the death of this process.
  for (std::string_view text : {"hello", "bonjour", "hej"}) {
    const absl::StatusOr<tidemark::RecordId> id =
        topic->Append({.key = "example", .value = text});
    if (!id.ok()) return id.status();
    fmt::print("appended at offset {}\n", id->offset);
  }

  // A named cursor goes on where the name was committed. The first time it
  // begins at the oldest record.
  absl::StatusOr<tidemark::ConsumerCursor> cursor =
      tidemark::ConsumerCursor::Open(
          *store,
          {.topics = {"greetings"},
           .start = tidemark::Start::Committed(tidemark::Start::Begin()),
           .name = "reader"});
  if (!cursor.ok()) return cursor.status();

  // Without a timeout, an empty Poll means that everything was read.
  while (true) {
    const absl::StatusOr<tidemark::Records> records = cursor->Poll();
    if (!records.ok()) return records.status();
    if (records->empty()) break;
    for (const tidemark::RecordView& record : *records) {
      fmt::print("offset {}: {} = {}\n", record.offset(),
                 record.key().value_or("(none)"),
                 record.value().value_or("(none)"));
    }
  }
  absl::Status status = cursor->Commit();
  if (!status.ok()) return status;
  status = cursor->Close();
  if (!status.ok()) return status;
  return store->Close();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: {} DIRECTORY\n", argv[0]);
    return 2;
  }
  const absl::Status status = Run(argv[1]);
  if (!status.ok()) fmt::print(stderr, "{}\n", fmt::streamed(status));
  return status.ok() ? 0 : 1;
}
