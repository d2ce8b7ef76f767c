#include "segment/identity.h"

#include "segment/segment_fixture.h"
#include "support/catch.h"

namespace tidemark::test {
namespace {

TEST_CASE("An id is spelled as 32 hexadecimal digits", "[segment]") {
  Id128 id;
  for (size_t i = 0; i < id.bytes.size(); ++i) {
    id.bytes[i] = static_cast<std::byte>(i * 0x11);
  }
  CHECK(ToHex(id) == "00112233445566778899aabbccddeeff");
  CHECK_FALSE(id.is_zero());
  CHECK(Id128{}.is_zero());
}

TEST_CASE("Identities differ when any part differs", "[segment]") {
  const SegmentIdentity identity = TestIdentity();
  CHECK(identity == TestIdentity());
  CHECK(identity !=
        SegmentIdentity{FilledId(1), identity.topic_id, identity.partition});
  CHECK(identity !=
        SegmentIdentity{identity.store_id, FilledId(1), identity.partition});
  CHECK(identity != SegmentIdentity{identity.store_id, identity.topic_id, 8});
}

}  // namespace
}  // namespace tidemark::test
