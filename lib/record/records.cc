#include "tidemark/records.h"

#include <utility>

#include "record/record_codec.h"
#include "record/record_runs.h"

namespace tidemark {
inline namespace v0 {

Records::Records() = default;
Records::Records(std::unique_ptr<RecordRuns> runs) : runs_(std::move(runs)) {}
Records::~Records() = default;
Records::Records(Records&&) noexcept = default;
Records& Records::operator=(Records&&) noexcept = default;

size_t Records::size() const {
  return runs_ == nullptr ? 0 : runs_->record_count;
}

size_t Records::byte_size() const {
  return runs_ == nullptr ? 0 : runs_->byte_size;
}

Records::Iterator::Iterator(const RecordRuns* runs, size_t count)
    : runs_(runs), left_(count) {
  if (left_ > 0) EnterRun();
}

void Records::Iterator::Advance() {
  if (--left_ == 0) return;
  if (--left_in_run_ == 0) {
    ++run_;
    EnterRun();
    return;
  }
  RecordPosition position{.next = next_,
                          .offset = view_.id_.offset + 1,
                          .time = view_.create_micros_};
  RecordDecoder::Next(&position, &view_);
  next_ = position.next;
}

void Records::Iterator::EnterRun() {
  const RecordRun& run = runs_->runs[run_];
  left_in_run_ = run.record_count;
  if (run.topic != nullptr) view_.topic_ = *run.topic;
  view_.id_.partition = run.partition;
  view_.append_micros_ = run.append_time;
  RecordPosition position = run.first;
  RecordDecoder::Next(&position, &view_);
  next_ = position.next;
}

}  // namespace v0
}  // namespace tidemark
