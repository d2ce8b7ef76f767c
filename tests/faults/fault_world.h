#ifndef TIDEMARK_TESTS_FAULTS_FAULT_WORLD_H_
#define TIDEMARK_TESTS_FAULTS_FAULT_WORLD_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crash/host_world.h"
#include "crash/recording_env.h"
#include "faults/site_env.h"
#include "tidemark/testing/fault_env.h"

namespace tidemark::test {

// The one allocation of the library that fails.
struct AllocationPlan {
  uint64_t skip_count = 0;    // this many of a run succeed before it
  bool was_reached = false;   // it was asked for, and failed
  uint64_t passed_count = 0;  // those that succeeded before it
};

// A host whose calls to the system fail as a test has chosen. A step may fail
// then; it tries what it has to once more and goes on. Finish says whether a
// promise is broken.
class FaultWorld final : public HostWorld {
 public:
  FaultWorld(MakeOptions make_options, uint64_t seed);
  ~FaultWorld() override { DropHandles(); }

  // Of a call to come. What a sync that fails was to keep may be gone.
  void Inject(Fault fault);
  const FaultEnv& faults() const { return faults_; }
  SiteLog& sites() const { return sites_.log(); }
  // Before the first step: one allocation of the library is to fail. Without a
  // journal of the disk, which has allocations of its own: a power cut leaves
  // what is synced.
  void FailAllocation(uint64_t skip_count);
  static bool CanFailAllocations();
  const AllocationPlan& allocation() const { return *allocation_; }

  void FailSync(uint64_t n) override;

  // Ends the faults, and looks at everything: in this process, in the states
  // that its death and a loss of power would leave, and behind a close.
  void Finish();

  // The promises that were broken.
  const std::vector<std::string>& violations() const { return violations_; }
  uint64_t failed_steps() const { return failed_steps_; }
  uint64_t checked_states() const { return checked_states_; }
  // What the first steps that failed returned.
  const std::vector<std::string>& failures() const { return failures_; }
  // States in which recovery reports that a segment has lost its seal.
  uint64_t lost_seals() const { return lost_seals_; }

 private:
  // Passes every call on to the machine of the moment.
  class PresentEnv final : public Env {
   public:
    absl::StatusOr<std::unique_ptr<Directory>> OpenDirectory(
        std::string_view path, bool is_creating) override {
      return target->OpenDirectory(path, is_creating);
    }
    absl::StatusOr<std::unique_ptr<Directory>> OpenSharedMemoryDirectory(
        std::string_view path) override {
      return target->OpenSharedMemoryDirectory(path);
    }
    absl::StatusOr<std::string> BootId() override { return target->BootId(); }
    bool IsInInitialPidNamespace() override {
      return target->IsInInitialPidNamespace();
    }
    absl::Status FillRandom(std::span<std::byte> out) override {
      return target->FillRandom(out);
    }

    Env* target = nullptr;
  };

  Env& env() override { return sites_; }
  MemoryEnv& machine() override { return *machines_.back(); }
  void RestartMachine() override;
  void BeginCall() override;
  void EndCall() override;
  bool IsOk(std::string_view step, const absl::Status& status) override;
  void NoteBroken(std::string text) override;
  void NoteRefused(HostTopic& topic, PartitionNumber number, int count,
                   const absl::Status& status) override;
  // A commit is shown that was written and lost by a sync that failed; it was
  // never acknowledged.
  bool is_found_kept() const override { return !WasFaulty(); }
  int attempts_max() const override { return 2; }

  void AddMachine(std::unique_ptr<MemoryEnv> machine, const DiskImage* image);
  // Before a sync fails: what it was to keep may be gone.
  void DropWhatIsNotSynced(const EnvCallRecord& call);
  bool WasFaulty() const;
  void CheckStatus(std::string_view step, const absl::Status& status);
  void CheckInProcess();
  void CheckState(std::string_view when, MemoryEnv& machine, CrashKind kind,
                  CheckDepth depth) override;
  std::unique_ptr<MemoryEnv> WithoutPower();

  std::vector<std::unique_ptr<MemoryEnv>> machines_;
  std::vector<std::unique_ptr<RecordingEnv>> journals_;
  PresentEnv present_;
  FaultEnv faults_;
  SiteEnv sites_;
  std::optional<AllocationPlan> allocation_;
  bool may_fail_ = false;  // the scenario has asked for it
  uint64_t failed_steps_ = 0;
  uint64_t checked_states_ = 0;
  uint64_t lost_seals_ = 0;
  std::vector<std::string> failures_;
  std::vector<std::string> violations_;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_FAULTS_FAULT_WORLD_H_
