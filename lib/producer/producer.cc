#include "tidemark/producer.h"

#include <utility>

#include "base/guard.h"
#include "base/status_macros.h"
#include "producer/producer_engine.h"
#include "tidemark/error.h"
#include "tidemark/store.h"

namespace tidemark {
inline namespace v0 {
namespace {

absl::Status MovedFrom(const char* what) {
  return WithReason(
      absl::FailedPreconditionError(std::string(what) + ": moved from"),
      ErrorReason::kClosed);
}

// Ends an engine whose Producer goes away.
void End(std::shared_ptr<ProducerEngine> engine) {
  if (engine == nullptr) return;
  Guarded([&] {
    engine->Abandon();
    return absl::OkStatus();
  }).IgnoreError();  // as the header says
}

}  // namespace

absl::StatusOr<Producer> Producer::Open(Store& store,
                                        const ProducerOptions& options) {
  return Guarded([&]() -> absl::StatusOr<Producer> {
    if (store.engine() == nullptr) return MovedFrom("store");
    TIDEMARK_ASSIGN_OR_RETURN(std::shared_ptr<ProducerEngine> engine,
                              ProducerEngine::Open(store.engine(), options));
    return Producer(std::move(engine));
  });
}

Producer::Producer(std::shared_ptr<ProducerEngine> engine)
    : engine_(std::move(engine)) {}

Producer::Producer(Producer&&) noexcept = default;

Producer& Producer::operator=(Producer&& other) noexcept {
  if (this != &other) {
    End(std::exchange(engine_, std::move(other.engine_)));
  }
  return *this;
}

Producer::~Producer() { End(std::move(engine_)); }

absl::StatusOr<RecordId> Producer::Send(const Record& record,
                                        DeliveryCallback callback) {
  return Guarded([&]() -> absl::StatusOr<RecordId> {
    if (engine_ == nullptr) return MovedFrom("producer");
    return engine_->Send(record, std::move(callback));
  });
}

absl::StatusOr<RecordId> Producer::SendBatch(PartitionNumber partition,
                                             std::span<const Record> records,
                                             DeliveryCallback callback) {
  return Guarded([&]() -> absl::StatusOr<RecordId> {
    if (engine_ == nullptr) return MovedFrom("producer");
    return engine_->SendBatch(partition, records, std::move(callback));
  });
}

absl::Status Producer::Flush(absl::Time deadline) {
  return Guarded([&]() -> absl::Status {
    if (engine_ == nullptr) return MovedFrom("producer");
    // A callback that the call runs may destroy this object.
    const std::shared_ptr<ProducerEngine> engine = engine_;
    return engine->Flush(deadline);
  });
}

absl::Status Producer::Close(absl::Time deadline) {
  return Guarded([&]() -> absl::Status {
    if (engine_ == nullptr) return absl::OkStatus();
    const std::shared_ptr<ProducerEngine> engine = engine_;
    return engine->Close(deadline);
  });
}

uint64_t Producer::outstanding() const {
  return engine_ == nullptr ? 0 : engine_->outstanding();
}

}  // namespace v0
}  // namespace tidemark
