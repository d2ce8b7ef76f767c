#include "base/guard.h"

#include <new>
#include <stdexcept>

#include "absl/status/statusor.h"
#include "support/catch.h"
#include "support/status_matchers.h"

namespace tidemark {
namespace {

TEST_CASE("A guarded function returns its own result", "[guard]") {
  CHECK_OK(Guarded([] { return absl::OkStatus(); }));
  REQUIRE_OK_AND_ASSIGN(const int seven,
                        Guarded([]() -> absl::StatusOr<int> { return 7; }));
  CHECK(seven == 7);
}

TEST_CASE("A guarded function that runs out of memory is ResourceExhausted",
          "[guard]") {
  const absl::Status status =
      Guarded([]() -> absl::Status { throw std::bad_alloc(); });
  CHECK_STATUS(absl::StatusCode::kResourceExhausted, status);
  CHECK(ReasonOf(status) == ErrorReason::kOutOfMemory);
}

TEST_CASE("A guarded function lets no other exception through", "[guard]") {
  CHECK_STATUS(absl::StatusCode::kInternal,
               Guarded([]() -> absl::StatusOr<int> {
                 throw std::runtime_error("a bug");
               }));
}

TEST_CASE("Code of the host that throws is reported as false", "[guard]") {
  CHECK(RunHostCode([] {}));
  CHECK_FALSE(RunHostCode([] { throw 5; }));
}

}  // namespace
}  // namespace tidemark
