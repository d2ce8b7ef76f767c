#include "crash/explorer.h"

#include <fmt/core.h>

#include <utility>

#include "support/dice.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/store.h"
#include "tidemark/testing/manual_clock.h"

namespace tidemark::test {
namespace {

constexpr size_t kViolationsShownMax = 5;

// Opens the store and all of its partitions, which recovers them, and leaves.
void Recover(Env& env, const MakeOptions& make_options) {
  ManualClock clock;
  absl::StatusOr<Store> store =
      Store::Open(kStorePath, make_options(env, clock));
  if (!store.ok()) return;
  const auto names = store->ListTopics();
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    const absl::StatusOr<Topic> topic = store->OpenTopic(name);
    if (!topic.ok()) continue;
    for (PartitionNumber n = 0; n < topic->partition_count(); ++n) {
      topic->partition(n).status().IgnoreError();
    }
  }
  store->Close().IgnoreError();
}

}  // namespace

void ExplorerCounts::Add(const ExplorerCounts& other) {
  boundaries += other.boundaries;
  states += other.states;
  kills += other.kills;
  recovery_states += other.recovery_states;
  violation_count += other.violation_count;
  violations.insert(violations.end(), other.violations.begin(),
                    other.violations.end());
}

void Explorer::NoteViolation(std::string_view where,
                             const absl::Status& status) {
  ++counts_.violation_count;
  if (counts_.violations.size() >= kViolationsShownMax) return;
  counts_.violations.push_back(fmt::format("{}, call {}, {}: {}", scenario_,
                                           counts_.boundaries, where,
                                           std::string(status.message())));
}

void Explorer::Visit(const DiskJournal& journal, MemoryEnv& machine,
                     const Expectation& expected, bool is_before_sync) {
  places_.push_back({++counts_.boundaries, is_before_sync, journal,
                     machine.CopyCurrent(), expected});
}

void Explorer::Explore() {
  for (const Place& place : places_) ExplorePlace(place);
  places_.clear();
}

void Explorer::ExplorePlace(const Place& place) {
  const Expectation& expected = place.expected;
  ++counts_.kills;
  const absl::Status status =
      CheckAfterCrash(*place.killed, expected, CrashKind::kProcess,
                      CheckDepth::kRead, make_options_);
  if (!status.ok()) NoteViolation("killed", status);
  StateEnumerator states(
      place.journal,
      place.is_before_sync ? limits_.before_sync : limits_.elsewhere,
      Mix(seed_ + place.number));
  states.ForEach([&](const DiskImage& image) {
    if (counts_.states >= limits_.states_max) return false;
    const uint64_t hash = image.hash();
    if (!checked_.insert(Mix(hash + expected.version)).second) return true;
    if (contents_.insert(hash).second) ++counts_.states;
    CheckState(image, hash, expected);
    return counts_.violation_count < kViolationsShownMax;
  });
}

void Explorer::CheckState(const DiskImage& image, uint64_t hash,
                          const Expectation& expected) {
  const uint64_t lot = Mix(hash + seed_);
  CheckDepth depth = CheckDepth::kRead;
  if (lot % limits_.use_one_in == 0) depth = CheckDepth::kUse;
  if (lot % limits_.two_opens_one_in == 0) depth = CheckDepth::kTwoOpens;
  const auto machine = image.MakeMachine();
  const absl::Status status = CheckAfterCrash(
      *machine, expected, CrashKind::kPower, depth, make_options_);
  if (!status.ok()) {
    NoteViolation(fmt::format("state {:016x}", hash), status);
    return;
  }
  if (Mix(lot) % limits_.deep_one_in == 0) CheckRecovery(image, hash, expected);
}

void Explorer::CheckRecovery(const DiskImage& image, uint64_t hash,
                             const Expectation& expected) {
  const auto machine = image.MakeMachine();
  RecordingEnv env(*machine, image);
  Recording& recording = env.recording();
  uint64_t left = limits_.deep_states_max;
  const EnumerationLimits few{
      .exhaustive_units = 2, .random_states = 4, .pairs_max = 0};
  recording.on_boundary = [&](bool) {
    StateEnumerator states(recording.journal, few,
                           Mix(hash + recording.call_count));
    states.ForEach([&](const DiskImage& after) {
      if (left == 0) return false;
      if (!checked_.insert(Mix(after.hash() + expected.version)).second) {
        return true;
      }
      --left;
      ++counts_.recovery_states;
      const auto again = after.MakeMachine();
      const absl::Status status =
          CheckAfterCrash(*again, expected, CrashKind::kPower,
                          CheckDepth::kRead, make_options_);
      if (status.ok()) return true;
      NoteViolation(
          fmt::format("state {:016x}, recovery stopped at its call {}", hash,
                      recording.call_count),
          status);
      return false;
    });
  };
  Recover(env, make_options_);
  recording.on_boundary = nullptr;
}

}  // namespace tidemark::test
