#include "tidemark/consumer_cursor.h"

#include <utility>

#include "base/guard.h"
#include "consumer/cursor_engine.h"

namespace tidemark {
inline namespace v0 {

absl::StatusOr<ConsumerCursor> ConsumerCursor::Open(
    Store& store, const CursorOptions& options) {
  return Guarded([&]() -> absl::StatusOr<ConsumerCursor> {
    auto engine = CursorEngine::Open(store, options);
    if (!engine.ok()) return std::move(engine).status();
    return ConsumerCursor(*std::move(engine));
  });
}

ConsumerCursor::ConsumerCursor(std::unique_ptr<CursorEngine> engine)
    : engine_(std::move(engine)) {}
ConsumerCursor::ConsumerCursor(ConsumerCursor&&) noexcept = default;
ConsumerCursor& ConsumerCursor::operator=(ConsumerCursor&&) noexcept = default;
ConsumerCursor::~ConsumerCursor() = default;

absl::StatusOr<Records> ConsumerCursor::Poll(const PollOptions& options) {
  return Guarded([&] { return engine_->Poll(options); });
}

absl::StatusOr<Records> ConsumerCursor::Poll() {
  return Poll(engine_->options().poll);
}

absl::Status ConsumerCursor::Commit() {
  return Guarded([&] { return engine_->Commit(); });
}

absl::Status ConsumerCursor::Commit(const Positions& positions) {
  return Guarded([&] { return engine_->Commit(positions); });
}

absl::StatusOr<Positions> ConsumerCursor::committed() const {
  return Guarded([&] { return engine_->committed(); });
}

absl::Status ConsumerCursor::Seek(const Start& start) {
  return Guarded([&] { return engine_->Seek(start); });
}

absl::Status ConsumerCursor::Seek(const TopicPartition& partition,
                                  const Start& start) {
  return Guarded([&] { return engine_->Seek(partition, start); });
}

const Positions& ConsumerCursor::positions() const {
  return engine_->positions();
}

absl::Status ConsumerCursor::Pause(std::span<const TopicPartition> partitions) {
  return Guarded(
      [&] { return engine_->SetPaused(partitions, /*is_paused=*/true); });
}

absl::Status ConsumerCursor::Resume(
    std::span<const TopicPartition> partitions) {
  return Guarded(
      [&] { return engine_->SetPaused(partitions, /*is_paused=*/false); });
}

absl::StatusOr<std::vector<PartitionLag>> ConsumerCursor::Lag() const {
  return Guarded([&] { return engine_->Lag(); });
}

void ConsumerCursor::Wake() { engine_->Wake(); }

int ConsumerCursor::event_fd() {
  const absl::StatusOr<int> descriptor =
      Guarded([&]() -> absl::StatusOr<int> { return engine_->event_fd(); });
  return descriptor.ok() ? *descriptor : -1;
}

const std::vector<TopicPartition>& ConsumerCursor::partitions() const {
  return engine_->partitions();
}

std::string_view ConsumerCursor::name() const {
  return engine_->options().name;
}

absl::Status ConsumerCursor::Close() {
  return Guarded([&] { return engine_->Close(); });
}

}  // namespace v0
}  // namespace tidemark
