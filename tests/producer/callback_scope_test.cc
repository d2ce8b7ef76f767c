#include "producer/callback_scope.h"

#include <thread>

#include "support/catch.h"

namespace tidemark::test {
namespace {

TEST_CASE("A scope is seen by its own thread, for its own owner",
          "[producer]") {
  const int first = 0;
  const int second = 0;
  CHECK_FALSE(CallbackScope::IsInside(&first));
  {
    const CallbackScope scope(&first);
    CHECK(CallbackScope::IsInside(&first));
    CHECK_FALSE(CallbackScope::IsInside(&second));
    bool is_inside_elsewhere = true;
    std::thread([&] {
      is_inside_elsewhere = CallbackScope::IsInside(&first);
    }).join();
    CHECK_FALSE(is_inside_elsewhere);
  }
  CHECK_FALSE(CallbackScope::IsInside(&first));
}

TEST_CASE("An inner scope does not hide the outer one", "[producer]") {
  const int first = 0;
  const int second = 0;
  const CallbackScope outer(&first);
  {
    const CallbackScope inner(&second);
    CHECK(CallbackScope::IsInside(&first));
    CHECK(CallbackScope::IsInside(&second));
  }
  CHECK(CallbackScope::IsInside(&first));
  CHECK_FALSE(CallbackScope::IsInside(&second));
}

}  // namespace
}  // namespace tidemark::test
