#include "crash/crash_world.h"

#include <utility>

#include "crash/state_enumerator.h"

namespace tidemark::test {

CrashWorld::CrashWorld(Explorer& explorer, MakeOptions make_options,
                       uint64_t seed)
    : HostWorld(std::move(make_options), seed), explorer_(explorer) {
  machines_.push_back(std::make_unique<MemoryEnv>(seed));
  envs_.push_back(std::make_unique<RecordingEnv>(*machines_.back()));
}

Env& CrashWorld::env() {
  RecordingEnv& env = *envs_.back();
  env.recording().on_boundary = [this, &env](bool is_sync) {
    explorer_.Visit(env.recording().journal, env.machine(), Expect(), is_sync);
  };
  return env;
}

void CrashWorld::BeforeDrop() {
  for (const auto& env : envs_) env->recording().on_boundary = nullptr;
}

bool CrashWorld::IsOk(std::string_view step, const absl::Status& status) {
  explorer_.Explore();
  if (status.ok()) return true;
  if (!may_fail_) explorer_.NoteViolation(step, status);
  return false;
}

void CrashWorld::NoteBroken(std::string text) {
  explorer_.NoteViolation("found", absl::FailedPreconditionError(text));
}

void CrashWorld::FailSync(uint64_t n) {
  envs_.back()->recording().syncs_to_failure = n;
  may_fail_ = true;
}

void CrashWorld::RestartMachine() {
  StateEnumerator states(envs_.back()->recording().journal, {},
                         dice().Below(UINT64_MAX));
  const DiskImage image = states.Any();
  machines_.back()->AbandonLocks();
  BeforeDrop();
  machines_.push_back(image.MakeMachine());
  envs_.push_back(std::make_unique<RecordingEnv>(*machines_.back(), image));
}

}  // namespace tidemark::test
