#include "io/fork_guard.h"

#include <fcntl.h>
#include <unistd.h>

#include <vector>

#include "io/child.h"
#include "io/descriptor.h"
#include "support/catch.h"
#include "support/status_matchers.h"

namespace tidemark {
namespace {

bool IsOpenHere(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

Descriptor NullDescriptor() {
  return Descriptor(::open("/dev/null", O_RDWR | O_CLOEXEC));
}

TEST_CASE("A mark tells a forked child from its parent", "[io]") {
  const ForkMark mark;
  CHECK(mark.is_installed());
  CHECK(test::RunInChild([&] { return mark.IsInForkedChild() ? 0 : 1; }) == 0);
  CHECK_FALSE(mark.IsInForkedChild());
}

TEST_CASE("A mark made in the child is at home there", "[io]") {
  CHECK(test::RunInChild([] {
          const ForkMark mark;
          return mark.IsInForkedChild() ? 1 : 0;
        }) == 0);
}

TEST_CASE("A child of a child is a forked child as well", "[io]") {
  const ForkMark mark;
  CHECK(test::RunInChild([&] {
          const pid_t pid = ::fork();
          if (pid == 0) ::_exit(mark.IsInForkedChild() ? 0 : 1);
          int status = 0;
          ::waitpid(pid, &status, 0);
          return WEXITSTATUS(status);
        }) == 0);
}

TEST_CASE("A registered descriptor is closed in the child only", "[io]") {
  const Descriptor guarded = NullDescriptor();
  const Descriptor other = NullDescriptor();
  ClosedInForkedChild guard;
  REQUIRE_OK(guard.Register(guarded.get()));
  CHECK(test::RunInChild([&] {
          if (IsOpenHere(guarded.get())) return 1;
          if (!IsOpenHere(other.get())) return 2;
          return guard.IsClosed() ? 0 : 3;
        }) == 0);
  CHECK(IsOpenHere(guarded.get()));
  CHECK_FALSE(guard.IsClosed());
}

TEST_CASE("An unregistered descriptor stays open in the child", "[io]") {
  const Descriptor descriptor = NullDescriptor();
  ClosedInForkedChild guard;
  REQUIRE_OK(guard.Register(descriptor.get()));
  REQUIRE_OK(guard.Register(descriptor.get()));
  guard.Unregister();
  guard.Unregister();
  CHECK(test::RunInChild([&] {
          return IsOpenHere(descriptor.get()) && !guard.IsClosed() ? 0 : 1;
        }) == 0);
}

TEST_CASE("A guard of the parent leaves the slots of the child alone", "[io]") {
  const Descriptor first = NullDescriptor();
  auto guard = std::make_unique<ClosedInForkedChild>();
  REQUIRE_OK(guard->Register(first.get()));
  CHECK(test::RunInChild([&] {
          const Descriptor mine = NullDescriptor();
          ClosedInForkedChild own;
          if (!own.Register(mine.get()).ok()) return 1;
          guard.reset();
          const pid_t pid = ::fork();
          if (pid == 0) ::_exit(IsOpenHere(mine.get()) ? 1 : 0);
          int status = 0;
          ::waitpid(pid, &status, 0);
          return WEXITSTATUS(status);
        }) == 0);
}

TEST_CASE("No more descriptors than slots can be registered", "[io]") {
  const Descriptor descriptor = NullDescriptor();
  std::vector<ClosedInForkedChild> guards(kForkGuardSlots);
  absl::Status status;
  size_t count = 0;
  while (count < guards.size() && status.ok()) {
    status = guards[count++].Register(descriptor.get());
  }
  ClosedInForkedChild last;
  CHECK_STATUS(absl::StatusCode::kResourceExhausted,
               last.Register(descriptor.get()));
  guards.clear();
  CHECK_OK(last.Register(descriptor.get()));
}

}  // namespace
}  // namespace tidemark
