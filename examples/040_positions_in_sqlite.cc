// Keeps positions in the host's own database beside the result, so that each
// record counts exactly once. usage: 040_positions_in_sqlite DIRECTORY

#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "fmt/core.h"
#include "fmt/ostream.h"
#include "sqlite_database.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/store.h"

namespace {

// Adds up to `count` payments to the total and moves the positions in the same
// transaction. A crash before its end takes both back.
absl::Status Count(tidemark::Store& store, SqliteDatabase& database,
                   size_t count, bool is_crashing) {
  const auto bytes = database.Run("SELECT positions FROM result");
  if (!bytes.ok()) return bytes.status();
  tidemark::Start start = tidemark::Start::Begin();
  if (!bytes->empty()) {
    auto positions =
        tidemark::Positions::FromBytes(std::as_bytes(std::span(*bytes)));
    if (!positions.ok()) return positions.status();
    start = tidemark::Start::At(*std::move(positions));
  }
  auto cursor = tidemark::ConsumerCursor::Open(
      store, {.topics = {"payments"}, .start = start});
  if (!cursor.ok()) return cursor.status();
  const auto records = cursor->Poll({.records_max = count});
  if (!records.ok()) return records.status();
  int sum = 0;
  for (const auto& record : *records) {
    sum += std::stoi(std::string(record.value().value_or("0")));
  }
  const std::string update =
      fmt::format("UPDATE result SET total = total + {}, positions = ?", sum);
  absl::Status status = database.Run("BEGIN").status();
  if (status.ok()) {
    status = database.Run(update, cursor->positions().ToBytes()).status();
  }
  if (!status.ok()) return status;
  status = database.Run(is_crashing ? "ROLLBACK" : "COMMIT").status();
  fmt::print("{} {}\n", is_crashing ? "lost" : "counted", records->size());
  return status;
}

absl::Status Run(const std::string& directory) {
  auto store = tidemark::Store::Open(directory + "/store");
  if (!store.ok()) return store.status();
  auto topic = store->CreateTopic("payments");
  if (!topic.ok()) return topic.status();
  for (int amount = 1; amount <= 10; ++amount) {
    const auto id = topic->Append({.value = std::to_string(amount)});
    if (!id.ok()) return id.status();
  }
  auto database = SqliteDatabase::Open(directory + "/totals.db");
  if (!database.ok()) return database.status();
  const char kCreate[] = "CREATE TABLE result AS SELECT 0 total, '' positions";
  absl::Status status = database->Run(kCreate).status();
  if (status.ok()) status = Count(*store, *database, 4, false);
  if (status.ok()) status = Count(*store, *database, 3, true);
  if (status.ok()) status = Count(*store, *database, 100, false);
  if (!status.ok()) return status;
  const auto total = database->Run("SELECT total FROM result");
  if (!total.ok()) return total.status();
  fmt::print("total {}\n", *total);
  return store->Close();
}

}  // namespace

int main(int argc, char** argv) {
  const absl::Status status =
      argc == 2 ? Run(argv[1]) : absl::InvalidArgumentError("DIRECTORY?");
  if (!status.ok()) fmt::print(stderr, "{}\n", fmt::streamed(status));
  return status.ok() ? 0 : 1;
}
