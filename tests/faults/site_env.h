#ifndef TIDEMARK_TESTS_FAULTS_SITE_ENV_H_
#define TIDEMARK_TESTS_FAULTS_SITE_ENV_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tidemark/env.h"

namespace tidemark::test {

// What a SiteEnv and all that was opened through it saw.
struct SiteLog {
  bool is_recording = false;
  // Where the library goes on behind each call, in the order of the calls.
  std::vector<const void*> addresses;
  // Files, directories and shared memory that are open.
  int64_t open_count = 0;
  // Called around each call, if they are set.
  void (*on_enter)() = nullptr;
  void (*on_leave)() = nullptr;

  void Note(const void* address) {
    if (is_recording) addresses.push_back(address);
  }
};

// An Env that passes every call on and knows from which place of the library
// each of them came. Numbers the calls as a FaultEnv below it does. One thread
// at a time.
class SiteEnv final : public Env {
 public:
  explicit SiteEnv(Env& base)
      : base_(base), log_(std::make_shared<SiteLog>()) {}

  absl::StatusOr<std::unique_ptr<Directory>> OpenDirectory(
      std::string_view path, bool is_creating) override;
  absl::StatusOr<std::unique_ptr<Directory>> OpenSharedMemoryDirectory(
      std::string_view path) override;
  absl::StatusOr<std::string> BootId() override;
  bool IsInInitialPidNamespace() override {
    return base_.IsInInitialPidNamespace();
  }
  absl::Status FillRandom(std::span<std::byte> out) override;

  SiteLog& log() const { return *log_; }

 private:
  Env& base_;
  const std::shared_ptr<SiteLog> log_;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_FAULTS_SITE_ENV_H_
