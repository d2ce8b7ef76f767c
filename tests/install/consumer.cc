// The program of a host that found the library in one of three ways: as a
// CMake package, by pkg-config, or as a subdirectory of its own tree. It prints
// the version only after a record came back from a store.

#include <cstdlib>
#include <iostream>
#include <string_view>

#include "tidemark/testing/manual_clock.h"
#include "tidemark/testing/memory_env.h"
#include "tidemark/tidemark.h"

namespace {

constexpr std::string_view kText = "hello";

absl::Status Run() {
  tidemark::MemoryEnv env;
  tidemark::ManualClock clock;
  absl::StatusOr<tidemark::Store> store =
      tidemark::Store::Open("/store", tidemark::StoreOptions::Test(env, clock));
  if (!store.ok()) return store.status();
  absl::StatusOr<tidemark::Topic> topic = store->CreateTopic("greetings");
  if (!topic.ok()) return topic.status();
  const absl::StatusOr<tidemark::RecordId> id = topic->Append({.value = kText});
  if (!id.ok()) return id.status();

  absl::StatusOr<tidemark::ConsumerCursor> cursor =
      tidemark::ConsumerCursor::Open(
          *store, {.topics = {"greetings"}, .start = tidemark::Start::Begin()});
  if (!cursor.ok()) return cursor.status();
  const absl::StatusOr<tidemark::Records> records = cursor->Poll();
  if (!records.ok()) return records.status();
  int count = 0;
  for (const tidemark::RecordView& record : *records) {
    if (record.value() == kText) ++count;
  }
  if (count != 1) return absl::InternalError("the record did not come back");
  return store->Close();
}

}  // namespace

int main() {
  const absl::Status status = Run();
  if (!status.ok()) {
    std::cerr << status << "\n";
    return EXIT_FAILURE;
  }
  std::cout << "tidemark " << tidemark::kVersion << "\n";
  return EXIT_SUCCESS;
}
