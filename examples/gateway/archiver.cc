#include "archiver.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "rows.h"

namespace gateway {

absl::StatusOr<std::unique_ptr<Archiver>> Archiver::Open(
    tidemark::Store& store, const std::string& path) {
  absl::StatusOr<Archive> archive = Archive::Open(path);
  if (!archive.ok()) return archive.status();
  using tidemark::Start;
  auto cursor = tidemark::ConsumerCursor::Open(
      store, {.topics = {kFlights, kQuakes},
              .start = Start::At(archive->positions(), Start::Begin()),
              .name = kArchiverName,
              .visibility = tidemark::Visibility::kDurable});
  if (!cursor.ok()) return cursor.status();
  return std::unique_ptr<Archiver>(
      new Archiver(*std::move(archive), *std::move(cursor)));
}

Archiver::Archiver(Archive archive, tidemark::ConsumerCursor cursor)
    : archive_(std::move(archive)),
      cursor_(std::move(cursor)),
      archived_(archive_.record_count()) {}

absl::Status Archiver::Run(const std::atomic<bool>& is_finished) {
  while (true) {
    const bool is_last = is_finished.load();
    const auto records = cursor_.Poll(
        {.timeout = is_last ? absl::ZeroDuration() : absl::Seconds(1)});
    if (!records.ok()) return records.status();
    if (records->empty()) {
      if (is_last) return cursor_.Close();
      continue;
    }
    absl::Status status = archive_.Append(*records, cursor_.positions());
    if (status.ok()) status = cursor_.Commit();
    if (!status.ok()) return status;
    archived_ = archive_.record_count();
  }
}

}  // namespace gateway
