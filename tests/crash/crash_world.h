#ifndef TIDEMARK_TESTS_CRASH_CRASH_WORLD_H_
#define TIDEMARK_TESTS_CRASH_CRASH_WORLD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crash/explorer.h"
#include "crash/host_world.h"
#include "crash/recording_env.h"

namespace tidemark::test {

// A host that an Explorer crashes before each of its calls to the disk. A step
// that fails when the scenario did not ask for it is a violation.
class CrashWorld final : public HostWorld {
 public:
  CrashWorld(Explorer& explorer, MakeOptions make_options, uint64_t seed);
  ~CrashWorld() override { DropHandles(); }

  void FailSync(uint64_t n) override;

 private:
  Env& env() override;
  MemoryEnv& machine() override { return *machines_.back(); }
  void RestartMachine() override;
  void BeforeDrop() override;
  void BeforeAdopt() override { may_fail_ = false; }
  bool IsOk(std::string_view step, const absl::Status& status) override;
  void NoteBroken(std::string text) override;
  // Behind a failed sync everything is refused, and may be there or not.
  void NoteRefused(HostTopic&, PartitionNumber, int,
                   const absl::Status&) override {}

  Explorer& explorer_;
  std::vector<std::unique_ptr<MemoryEnv>> machines_;
  std::vector<std::unique_ptr<RecordingEnv>> envs_;
  bool may_fail_ = false;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_CRASH_CRASH_WORLD_H_
