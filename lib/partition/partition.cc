#include "tidemark/partition.h"

#include <utility>

#include "base/guard.h"
#include "partition/partition_log.h"
#include "partition/partition_reader.h"
#include "tidemark/error.h"
#include "tidemark/segment.h"

namespace tidemark {
inline namespace v0 {
namespace {

absl::Status NoLog() {
  return WithReason(absl::FailedPreconditionError("partition: empty handle"),
                    ErrorReason::kClosed);
}

}  // namespace

Partition::Partition(std::shared_ptr<PartitionLog> log)
    : log_(std::move(log)) {}

PartitionNumber Partition::number() const {
  return log_ == nullptr ? -1 : log_->address().number;
}

absl::StatusOr<Offset> Partition::Append(std::span<const Record> records,
                                         Ack ack) {
  if (log_ == nullptr) return NoLog();
  return Guarded([&] { return log_->Append(records, ack); });
}

absl::StatusOr<Offset> Partition::Append(const Record& record, Ack ack) {
  return Append(std::span<const Record>(&record, 1), ack);
}

absl::Status Partition::WaitDurable(Offset end, absl::Time deadline) {
  if (log_ == nullptr) return NoLog();
  return Guarded([&] { return log_->WaitDurable(end, deadline); });
}

absl::Status Partition::Sync() {
  if (log_ == nullptr) return NoLog();
  return Guarded([&] { return log_->Sync(); });
}

absl::StatusOr<Records> Partition::Read(Offset from,
                                        const ReadOptions& options) const {
  if (log_ == nullptr) return NoLog();
  return Guarded([&]() -> absl::StatusOr<Records> {
    PartitionReader reader(log_);
    auto runs = std::make_unique<RecordRuns>();
    Offset next = 0;
    const absl::Status status = reader.Read(from, options, runs.get(), &next);
    if (!status.ok()) return status;
    return Records(std::move(runs));
  });
}

absl::StatusOr<Offset> Partition::OffsetForTime(absl::Time time) const {
  if (log_ == nullptr) return NoLog();
  return Guarded([&] { return log_->OffsetForTime(time); });
}

absl::Status Partition::TrimBefore(Offset offset) {
  if (log_ == nullptr) return NoLog();
  return Guarded([&] { return log_->TrimBefore(offset); });
}

absl::StatusOr<std::vector<Segment>> Partition::segments() const {
  if (log_ == nullptr) return NoLog();
  return Guarded([&] { return log_->Segments(); });
}

Marks Partition::marks() const {
  return log_ == nullptr ? Marks() : log_->marks();
}

absl::StatusOr<uint64_t> Partition::BytesBetween(Offset from, Offset to) const {
  if (log_ == nullptr) return NoLog();
  return Guarded([&] { return log_->BytesBetween(from, to); });
}

absl::Status Partition::failure() const {
  return log_ == nullptr ? NoLog() : log_->failure();
}

}  // namespace v0
}  // namespace tidemark
