#include "tidemark/event.h"

#include <set>
#include <string>

#include "support/catch.h"

namespace tidemark {
namespace {

TEST_CASE("Every kind of event has a name of its own", "[event]") {
  std::set<std::string> names;
  const auto last = static_cast<int>(EventKind::kCallbackFailed);
  for (int kind = 0; kind <= last; ++kind) {
    names.insert(EventKindName(static_cast<EventKind>(kind)));
  }
  CHECK(names.size() == static_cast<size_t>(last) + 1);
  CHECK(names.count("unknown") == 0);
  CHECK(EventKindName(static_cast<EventKind>(200)) == std::string("unknown"));
}

}  // namespace
}  // namespace tidemark
