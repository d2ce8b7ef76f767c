#include "io/fault_plan.h"

#include <cerrno>
#include <string>
#include <vector>

#include "support/catch.h"
#include "tidemark/error.h"

namespace tidemark {
namespace {

// Runs one call through the plan; true if it failed.
bool Fails(FaultPlan& plan, EnvCall kind = EnvCall::kSync,
           std::string_view name = "a") {
  EnvCallRecord record;
  record.kind = kind;
  record.name = name;
  return !plan.Run(record, [] { return absl::OkStatus(); }).ok();
}

std::vector<bool> FailuresOf(FaultPlan& plan, int count) {
  std::vector<bool> failures;
  for (int i = 0; i < count; ++i) failures.push_back(Fails(plan));
  return failures;
}

using Bools = std::vector<bool>;

TEST_CASE("Without a fault every call runs and is logged", "[io]") {
  FaultPlan plan;
  CHECK_FALSE(Fails(plan, EnvCall::kSync, "a"));
  CHECK_FALSE(Fails(plan, EnvCall::kRename, "b"));
  REQUIRE(plan.calls().size() == 2);
  CHECK(plan.calls()[1].index == 1);
  CHECK(plan.calls()[1].kind == EnvCall::kRename);
  CHECK(plan.calls()[1].name == "b");
  CHECK(plan.injected_count() == 0);
}

TEST_CASE("A fault with a number hits that call, once or from there on",
          "[io]") {
  FaultPlan plan;
  Fault fault;
  fault.index = 2;
  SECTION("once") {
    plan.Inject(fault);
    CHECK(FailuresOf(plan, 5) == Bools{false, false, true, false, false});
    CHECK(plan.injected_count() == 1);
  }
  SECTION("persistent") {
    fault.is_persistent = true;
    plan.Inject(fault);
    CHECK(FailuresOf(plan, 5) == Bools{false, false, true, true, true});
    CHECK(plan.injected_count() == 3);
  }
}

TEST_CASE("A fault waits for its kind, its name and its turn", "[io]") {
  FaultPlan plan;
  Fault fault;
  fault.kind = EnvCall::kSync;
  fault.name_part = ".log";
  fault.skip_count = 1;
  plan.Inject(fault);
  CHECK_FALSE(Fails(plan, EnvCall::kSync, "a.log"));
  CHECK_FALSE(Fails(plan, EnvCall::kWrite, "a.log"));
  CHECK_FALSE(Fails(plan, EnvCall::kSync, "META"));
  CHECK(Fails(plan, EnvCall::kSync, "b.log"));
  CHECK_FALSE(Fails(plan, EnvCall::kSync, "b.log"));
}

TEST_CASE("The first of several faults decides", "[io]") {
  FaultPlan plan;
  Fault fault;
  fault.error = ENOSPC;
  plan.Inject(fault);
  fault.error = EIO;
  plan.Inject(fault);
  CHECK(FailuresOf(plan, 3) == Bools{true, true, false});
  CHECK(plan.calls()[0].result == absl::StatusCode::kResourceExhausted);
  CHECK(plan.calls()[1].result == absl::StatusCode::kInternal);
}

TEST_CASE("Cleared faults do not hit", "[io]") {
  FaultPlan plan;
  plan.Inject({});
  plan.ClearFaults();
  CHECK_FALSE(Fails(plan));
}

TEST_CASE("An injected error is that of the system and says so", "[io]") {
  FaultPlan plan;
  Fault fault;
  fault.error = ENOSPC;
  plan.Inject(fault);
  EnvCallRecord record;
  record.kind = EnvCall::kAllocate;
  record.name = "0.log";
  const absl::Status status = plan.Run(record, [] { return absl::OkStatus(); });
  CHECK(IsDiskFull(status));
  CHECK(std::string(status.message()) ==
        "0.log: allocate: injected: No space left on device");
  CHECK(plan.calls()[0].is_injected);
}

TEST_CASE("A failing call takes effect only if asked to", "[io]") {
  FaultPlan plan;
  Fault fault;
  int runs = 0;
  const auto run = [&](EnvCall kind) {
    EnvCallRecord record;
    record.kind = kind;
    const absl::StatusOr<int> result =
        plan.Run(record, [&]() -> absl::StatusOr<int> { return ++runs; });
    CHECK_FALSE(result.ok());
  };
  plan.Inject(fault);
  run(EnvCall::kRename);
  CHECK(runs == 0);
  fault.takes_effect = true;
  plan.Inject(fault);
  run(EnvCall::kRename);
  CHECK(runs == 1);
  fault.takes_effect = false;
  plan.Inject(fault);
  run(EnvCall::kClose);
  CHECK(runs == 2);
}

TEST_CASE("A call that outlives its log entry is forgotten", "[io]") {
  FaultPlan plan;
  EnvCallRecord record;
  const absl::Status status = plan.Run(record, [&] {
    plan.ForgetCalls();
    Fails(plan);
    return absl::InternalError("x");
  });
  CHECK_FALSE(status.ok());
  REQUIRE(plan.call_count() == 1);
  CHECK(plan.calls()[0].result == absl::StatusCode::kOk);
}

TEST_CASE("The observer hears of a call before it runs", "[io]") {
  FaultPlan plan;
  std::vector<uint64_t> seen;
  bool was_run = false;
  plan.SetObserver([&](const EnvCallRecord& record) {
    CHECK_FALSE(was_run);
    seen.push_back(record.index);
    CHECK(plan.call_count() == record.index + 1);
  });
  plan.Run(EnvCallRecord(),
           [&] {
             was_run = true;
             return absl::OkStatus();
           })
      .IgnoreError();
  plan.SetObserver(nullptr);
  Fails(plan);
  CHECK(seen == std::vector<uint64_t>{0});
}

TEST_CASE("Every kind of call has a name", "[io]") {
  CHECK(EnvCallName(EnvCall::kOpenDirectory) == "open directory");
  CHECK(EnvCallName(EnvCall::kSyncFileSystem) == "sync file system");
  CHECK(EnvCallName(EnvCall::kWrite) == "write");
  CHECK(EnvCallName(EnvCall::kClose) == "close");
  CHECK(EnvCallName(EnvCall::kLockMemory) == "lock memory");
  CHECK(EnvCallName(static_cast<EnvCall>(200)) == "unknown call");
}

}  // namespace
}  // namespace tidemark
