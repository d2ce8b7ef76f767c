#include "store/store_root.h"

#include <algorithm>
#include <string>
#include <vector>

#include "store/layout.h"
#include "store/store_fixture.h"

namespace tidemark {
namespace {

using test::CrashAtEachCall;
using test::FailAtEachCall;
using test::kStorePath;
using test::Machine;
using test::NamesIn;

absl::StatusOr<StoreRoot> OpenRoot(Env& env, Clock& clock,
                                   bool is_read_only = false,
                                   bool may_create = true) {
  StoreOptions options = StoreOptions::Test(env, clock);
  options.read_only = is_read_only;
  options.create_if_missing = may_create;
  return OpenStoreRoot(kStorePath, options, env, clock);
}

// Creates files and directories, the names of which end in '/', in the store's
// directory.
void Make(Env& env, const std::vector<std::string>& names) {
  REQUIRE_OK_AND_ASSIGN(auto root, env.OpenDirectory(kStorePath, true));
  for (const std::string& name : names) {
    if (name.back() == '/') {
      REQUIRE_OK(root->CreateDirectory(name.substr(0, name.size() - 1)));
    } else {
      REQUIRE_OK(root->CreateFile(name));
    }
  }
}

TEST_CASE("A store is made once and found again", "[store_root]") {
  Machine machine;
  Id128 id;
  {
    REQUIRE_OK_AND_ASSIGN(StoreRoot root, OpenRoot(machine.env, machine.clock));
    id = root.file->record().store_id;
    CHECK_FALSE(id.is_zero());
    CHECK(root.file->record().is_clean);
    CHECK(root.file->record().incarnation == 0);
  }
  CHECK(NamesIn(machine.env, kStorePath) ==
        std::vector<std::string>{"LOCK", "STORE", "cursors", "topics"});
  REQUIRE_OK_AND_ASSIGN(StoreRoot root, OpenRoot(machine.env, machine.clock,
                                                 false, /*may_create=*/false));
  CHECK(root.file->record().store_id == id);
}

TEST_CASE("No store is made unless that is wanted", "[store_root]") {
  Machine machine;
  CHECK_STATUS(absl::StatusCode::kNotFound,
               OpenRoot(machine.env, machine.clock, false, false));
  CHECK_STATUS(absl::StatusCode::kNotFound,
               OpenRoot(machine.env, machine.clock, /*is_read_only=*/true));
  Make(machine.env, {});
  CHECK_STATUS(absl::StatusCode::kNotFound,
               OpenRoot(machine.env, machine.clock, false, false));
  CHECK_STATUS(absl::StatusCode::kNotFound,
               OpenRoot(machine.env, machine.clock, true));
  CHECK(NamesIn(machine.env, kStorePath).empty());
}

TEST_CASE("A directory with anything else in it is not a store",
          "[store_root]") {
  const std::vector<std::vector<std::string>> cases = {
      {"notes.txt"}, {"LOCK", "CURRENT", "MANIFEST-000001"},
      {"src/"},      {"topics/", "README"},
      {".git/"},     {"STORE.tmp2"},
  };
  for (const auto& names : cases) {
    for (const bool is_read_only : {false, true}) {
      Machine machine;
      Make(machine.env, names);
      const auto before = NamesIn(machine.env, kStorePath);
      const auto root = OpenRoot(machine.env, machine.clock, is_read_only);
      CHECK(IsNotAStore(root.status()));
      CHECK_STATUS(absl::StatusCode::kFailedPrecondition, root);
      CHECK(NamesIn(machine.env, kStorePath) == before);
    }
  }
}

TEST_CASE("The beginning of a store is completed", "[store_root]") {
  const std::vector<std::vector<std::string>> cases = {
      {},
      {"LOCK"},
      {"LOCK", "topics/"},
      {"LOCK", "topics/", "cursors/", "STORE.tmp"},
      {"lost+found/"},
  };
  for (const auto& names : cases) {
    Machine machine;
    Make(machine.env, names);
    CHECK_OK(OpenRoot(machine.env, machine.clock));
    CHECK_OK(OpenRoot(machine.env, machine.clock, true));
  }
}

TEST_CASE("Topics without a STORE are what is left of a store",
          "[store_root]") {
  Machine machine;
  Make(machine.env, {"LOCK", "topics/", "topics/t/"});
  const auto root = OpenRoot(machine.env, machine.clock);
  CHECK_STATUS(absl::StatusCode::kDataLoss, root);
  CHECK(IsDamaged(root.status()));
  CHECK(NamesIn(machine.env, kStorePath) ==
        std::vector<std::string>{"LOCK", "topics"});
}

TEST_CASE("A store whose creation could not sync its name is synced when found",
          "[store_root]") {
  Machine machine;
  FaultEnv env(machine.env);
  // The first one is that of topics/ and cursors/, the second that of STORE.
  env.Inject({.kind = EnvCall::kSyncDirectory, .skip_count = 1});
  CHECK(IsIoError(OpenRoot(env, machine.clock).status()));
  REQUIRE_OK(OpenRoot(env, machine.clock));
  machine.env.DropUnsynced();
  const auto names = NamesIn(machine.env, kStorePath);
  CHECK(std::find(names.begin(), names.end(), "STORE") != names.end());
}

TEST_CASE("Reading only takes no lock and creates nothing", "[store_root]") {
  Machine machine;
  REQUIRE_OK_AND_ASSIGN(StoreRoot owner, OpenRoot(machine.env, machine.clock));
  FaultEnv env(machine.env);
  REQUIRE_OK_AND_ASSIGN(StoreRoot reader, OpenRoot(env, machine.clock, true));
  CHECK(reader.lock == nullptr);
  for (const EnvCallRecord& call : env.calls()) {
    INFO(EnvCallName(call.kind) << " " << call.name);
    CHECK((call.kind == EnvCall::kOpenDirectory ||
           call.kind == EnvCall::kOpenFile || call.kind == EnvCall::kList ||
           call.kind == EnvCall::kRead || call.kind == EnvCall::kStatFile ||
           call.kind == EnvCall::kClose));
  }
}

TEST_CASE("A creation that failed at any call is finished by the next",
          "[store_root]") {
  FailAtEachCall([](FaultEnv&, ManualClock&) {},
                 [](FaultEnv& env, ManualClock& clock, bool has_fault) {
                   const auto root = OpenRoot(env, clock);
                   if (!has_fault) CHECK_OK(root);
                 });
}

TEST_CASE("A creation that a crash stopped at any call is finished by the next",
          "[store_root]") {
  CrashAtEachCall([](FaultEnv&, ManualClock&) {},
                  [](FaultEnv& env, ManualClock& clock) {
                    REQUIRE_OK(OpenRoot(env, clock));
                  },
                  [](MemoryEnv& env, ManualClock& clock) {
                    CHECK_OK(OpenRoot(env, clock));
                  });
}

TEST_CASE("Two processes that create one store get one", "[store_root]") {
  Machine machine;
  const auto other = machine.env.StartProcess();
  FaultEnv env(machine.env);
  Id128 first;
  // The other process is through before this one has the lock.
  env.SetObserver([&](const EnvCallRecord& call) {
    if (call.kind != EnvCall::kLock || !first.is_zero()) return;
    REQUIRE_OK_AND_ASSIGN(StoreRoot root, OpenRoot(*other, machine.clock));
    first = root.file->record().store_id;
  });
  REQUIRE_OK_AND_ASSIGN(StoreRoot root, OpenRoot(env, machine.clock));
  CHECK(root.file->record().store_id == first);
}

}  // namespace
}  // namespace tidemark
