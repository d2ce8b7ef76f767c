#include "partition/arena_setup.h"

#include "support/status_matchers.h"
#include "tidemark/testing/memory_env.h"

namespace tidemark {
namespace {

struct Outcome {
  ArenaMade made;
  int recorded = 0;
};

absl::StatusOr<Outcome> Make(MemoryEnv& env, const ArenaWish& wish) {
  auto root = env.OpenDirectory("/s", /*is_creating=*/true);
  if (!root.ok()) return root.status();
  Outcome outcome;
  auto made = MakeArena(env, **root, wish, {}, 1, [&](const ArenaPlace&) {
    ++outcome.recorded;
    return absl::OkStatus();
  });
  if (!made.ok()) return made.status();
  outcome.made = *std::move(made);
  return outcome;
}

TEST_CASE("The best memory that the machine offers is taken", "[partition]") {
  // G2
  MemoryEnv env;
  ArenaWish wish;
  SECTION("shared memory") {
    REQUIRE_OK_AND_ASSIGN(const Outcome outcome, Make(env, wish));
    CHECK(outcome.made.durability == ProcessDurability::kSharedMemory);
    CHECK(outcome.recorded == 1);
    CHECK(outcome.made.reason.empty());
    CHECK(outcome.made.arena->outlives_process());
  }
  SECTION("a file of the store inside of a container") {
    env.SetInInitialPidNamespace(false);
    REQUIRE_OK_AND_ASSIGN(const Outcome outcome, Make(env, wish));
    CHECK(outcome.made.durability == ProcessDurability::kStoreFile);
    CHECK(outcome.made.reason.find("PID namespace") != std::string::npos);
  }
  SECTION("a file of the store without shared memory") {
    env.SetSharedMemoryAvailable(false);
    REQUIRE_OK_AND_ASSIGN(const Outcome outcome, Make(env, wish));
    CHECK(outcome.made.durability != ProcessDurability::kSharedMemory);
    CHECK_FALSE(outcome.made.reason.empty());
  }
}

TEST_CASE("A directory on a disk is no shared memory", "[partition]") {
  // G2
  MemoryEnv env;
  REQUIRE_OK(env.OpenDirectory("/disk", /*is_creating=*/true));
  ArenaWish wish;
  wish.shared_memory_directory = "/disk";
  REQUIRE_OK_AND_ASSIGN(const Outcome outcome, Make(env, wish));
  CHECK(outcome.made.durability == ProcessDurability::kStoreFile);
  CHECK(outcome.made.reason.find("/disk: not in memory") != std::string::npos);
  wish.durability = ProcessDurability::kSharedMemory;
  CHECK_STATUS(absl::StatusCode::kFailedPrecondition, Make(env, wish).status());
  REQUIRE_OK_AND_ASSIGN(const auto disk, env.OpenDirectory("/disk", false));
  REQUIRE_OK_AND_ASSIGN(const auto left, disk->List(""));
  CHECK(left.empty());
}

TEST_CASE("A wish for one kind is taken at its word", "[partition]") {
  MemoryEnv env;
  ArenaWish wish;
  wish.durability = ProcessDurability::kWriteThrough;
  REQUIRE_OK_AND_ASSIGN(const Outcome outcome, Make(env, wish));
  CHECK(outcome.made.durability == ProcessDurability::kWriteThrough);
  CHECK(outcome.recorded == 0);
  CHECK(outcome.made.place.kind == ArenaKind::kNone);
  env.SetInInitialPidNamespace(false);
  wish.durability = ProcessDurability::kSharedMemory;
  CHECK_FALSE(Make(env, wish).ok());
}

}  // namespace
}  // namespace tidemark
