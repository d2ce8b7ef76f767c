#include "tidemark/store.h"

#include <new>
#include <utility>

#include "base/guard.h"
#include "base/status_macros.h"
#include "store/store_engine.h"
#include "store/topic_state.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

absl::Status MovedFrom() {
  return WithReason(absl::FailedPreconditionError("store: moved from"),
                    ErrorReason::kClosed);
}

}  // namespace

absl::StatusOr<Store> Store::Open(std::string_view directory,
                                  const StoreOptions& options) {
  return Guarded([&]() -> absl::StatusOr<Store> {
    TIDEMARK_ASSIGN_OR_RETURN(std::shared_ptr<StoreEngine> engine,
                              StoreEngine::Open(directory, options));
    return Store(std::move(engine));
  });
}

Store::Store(std::shared_ptr<StoreEngine> engine)
    : engine_(std::move(engine)) {}

Store::Store(Store&&) noexcept = default;

Store& Store::operator=(Store&& other) noexcept {
  if (this != &other) {
    Close().IgnoreError();  // as the destructor does
    engine_ = std::move(other.engine_);
  }
  return *this;
}

Store::~Store() {
  Close().IgnoreError();  // as the header says
}

absl::StatusOr<Topic> Store::CreateTopic(std::string_view name,
                                         const TopicOptions& options) {
  return Guarded([&]() -> absl::StatusOr<Topic> {
    if (engine_ == nullptr) return MovedFrom();
    TIDEMARK_ASSIGN_OR_RETURN(auto topic,
                              engine_->topics().Create(name, options));
    return Topic(std::move(topic));
  });
}

absl::StatusOr<Topic> Store::OpenTopic(
    std::string_view name, std::shared_ptr<Partitioner> custom_partitioner) {
  return Guarded([&]() -> absl::StatusOr<Topic> {
    if (engine_ == nullptr) return MovedFrom();
    TIDEMARK_ASSIGN_OR_RETURN(auto topic, engine_->topics().Open(name));
    TIDEMARK_RETURN_IF_ERROR(
        topic->partitioner().Install(std::move(custom_partitioner)));
    return Topic(std::move(topic));
  });
}

absl::StatusOr<Topic> Store::OpenOrCreateTopic(std::string_view name,
                                               const TopicOptions& options) {
  absl::StatusOr<Topic> topic = OpenTopic(name, options.custom_partitioner);
  if (!absl::IsNotFound(topic.status())) return topic;
  topic = CreateTopic(name, options);
  // Another thread was faster.
  if (!absl::IsAlreadyExists(topic.status())) return topic;
  return OpenTopic(name, options.custom_partitioner);
}

absl::StatusOr<std::vector<std::string>> Store::ListTopics() const {
  return Guarded([&]() -> absl::StatusOr<std::vector<std::string>> {
    if (engine_ == nullptr) return MovedFrom();
    return engine_->topics().Names();
  });
}

absl::Status Store::DeleteTopic(std::string_view name) {
  return Guarded([&]() -> absl::Status {
    if (engine_ == nullptr) return MovedFrom();
    return engine_->topics().Delete(name);
  });
}

absl::Status Store::Sync() {
  return Guarded([&]() -> absl::Status {
    if (engine_ == nullptr) return MovedFrom();
    return engine_->Sync();
  });
}

RecoveryReport Store::recovery() const {
  RecoveryReport report;
  if (engine_ == nullptr) return report;
  Guarded([&] {
    report = engine_->recovery();
    return absl::OkStatus();
  }).IgnoreError();  // without memory for it there is nothing to tell
  return report;
}

StoreHealth Store::health() const {
  StoreHealth health;
  const absl::Status status = Guarded([&] {
    if (engine_ == nullptr) return MovedFrom();
    health = engine_->health();
    return absl::OkStatus();
  });
  if (!status.ok()) health.status = status;
  return health;
}

ProcessDurability Store::Durability() const {
  return engine_ == nullptr ? ProcessDurability::kNone
                            : engine_->shared()->process_durability.load();
}

absl::Status Store::RunMaintenance(absl::Time now) {
  return Guarded([&]() -> absl::Status {
    if (engine_ == nullptr) return MovedFrom();
    return engine_->RunMaintenance(now);
  });
}

absl::Status Store::Close() {
  if (engine_ == nullptr) return absl::OkStatus();
  return Guarded([&] { return engine_->Close(); });
}

}  // namespace v0
}  // namespace tidemark
