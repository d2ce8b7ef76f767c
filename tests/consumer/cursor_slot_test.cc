#include "consumer/cursor_slot.h"

#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include "consumer/cursor_file_format.h"
#include "support/catch.h"

namespace tidemark {
namespace {

namespace format = cursor_file_format;

using SlotBytes = std::array<std::byte, format::kSlotSize>;

constexpr uint64_t kPosition = 8192 + 64;

Id128 IdOf(int seed) {
  Id128 id;
  for (size_t i = 0; i < id.bytes.size(); ++i) {
    id.bytes[i] = static_cast<std::byte>(seed + static_cast<int>(i));
  }
  return id;
}

CursorFileIdentity Identity() { return {IdOf(1), IdOf(50), "billing"}; }

CursorSlot CommitSlot() {
  return {.sequence = 7,
          .key = {IdOf(100), 3},
          .is_commit = true,
          .level = Ack::kDisk,
          .offset = 1234567890123,
          .incarnation = 42,
          .commit_time = 1000000000000000};
}

SlotBytes Encoded(const CursorSlot& slot) {
  SlotBytes bytes;
  EncodeCursorSlot(slot, Identity(), kPosition, bytes.data());
  return bytes;
}

CursorBytes Judge(const SlotBytes& bytes) {
  CursorSlot slot;
  return DecodeCursorSlot(bytes, Identity(), kPosition, &slot);
}

TEST_CASE("A slot comes back as it was written", "[cursor_slot]") {
  CursorSlot claim;
  claim.sequence = 1;
  claim.key = {IdOf(9), 99999};
  CursorSlot process = CommitSlot();
  process.level = Ack::kProcess;
  process.offset = 0;
  for (const CursorSlot& slot : {claim, CommitSlot(), process}) {
    CursorSlot read;
    REQUIRE(DecodeCursorSlot(Encoded(slot), Identity(), kPosition, &read) ==
            CursorBytes::kValid);
    CHECK(read == slot);
  }
}

TEST_CASE("Zeros are a blank slot", "[cursor_slot]") {
  CHECK(Judge(SlotBytes{}) == CursorBytes::kBlank);
}

TEST_CASE("A slot is valid at its position, in its file and store alone",
          "[cursor_slot]") {
  const SlotBytes bytes = Encoded(CommitSlot());
  CursorSlot slot;
  CHECK(DecodeCursorSlot(bytes, Identity(), kPosition + 64, &slot) ==
        CursorBytes::kDamaged);
  CursorFileIdentity other = Identity();
  other.file_id = IdOf(51);
  CHECK(DecodeCursorSlot(bytes, other, kPosition, &slot) ==
        CursorBytes::kDamaged);
  other = Identity();
  other.store_id = IdOf(2);
  CHECK(DecodeCursorSlot(bytes, other, kPosition, &slot) ==
        CursorBytes::kDamaged);
}

TEST_CASE("No flipped bit of a slot passes", "[cursor_slot]") {
  const SlotBytes bytes = Encoded(CommitSlot());
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    SlotBytes flipped = bytes;
    flipped[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    INFO("bit " << bit);
    CHECK(Judge(flipped) == CursorBytes::kDamaged);
  }
}

TEST_CASE("A slot that is cut off is damaged", "[cursor_slot]") {
  const SlotBytes bytes = Encoded(CommitSlot());
  CursorSlot slot;
  for (size_t size = 0; size < bytes.size(); ++size) {
    CHECK(DecodeCursorSlot(ByteSpan(bytes).first(size), Identity(), kPosition,
                           &slot) == CursorBytes::kDamaged);
  }
}

TEST_CASE("A slot whose fields break a rule is damaged", "[cursor_slot]") {
  CursorSlot slot = CommitSlot();
  slot.sequence = 0;
  CHECK(Judge(Encoded(slot)) == CursorBytes::kDamaged);
  slot = CommitSlot();
  slot.offset = -1;
  CHECK(Judge(Encoded(slot)) == CursorBytes::kDamaged);
  slot = CommitSlot();
  slot.key.partition = -1;
  CHECK(Judge(Encoded(slot)) == CursorBytes::kDamaged);
}

TEST_CASE("A header comes back as it was written", "[cursor_slot]") {
  for (const std::string& name :
       {std::string("a"), std::string(249, 'n'), std::string("billing")}) {
    CursorFileIdentity identity = Identity();
    identity.name = name;
    std::array<std::byte, format::header::kSize> bytes;
    EncodeCursorHeader(identity, 4096, bytes.data());
    CursorFileIdentity read;
    REQUIRE(DecodeCursorHeader(bytes, 4096, &read) == CursorBytes::kValid);
    CHECK(read == identity);
    CHECK(DecodeCursorHeader(bytes, 0, &read) == CursorBytes::kDamaged);
  }
}

TEST_CASE("No flipped bit of a header passes", "[cursor_slot]") {
  std::array<std::byte, format::header::kSize> bytes;
  EncodeCursorHeader(Identity(), 0, bytes.data());
  CursorFileIdentity read;
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto flipped = bytes;
    flipped[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    INFO("bit " << bit);
    CHECK(DecodeCursorHeader(flipped, 0, &read) == CursorBytes::kDamaged);
  }
}

TEST_CASE("An extent comes back as it was written", "[cursor_slot]") {
  SlotBytes bytes;
  uint32_t count = 0;
  EncodeCursorExtent(Identity(), 512, 17, bytes.data());
  REQUIRE(DecodeCursorExtent(bytes, Identity(), 512, &count) ==
          CursorBytes::kValid);
  CHECK(count == 17);
  CHECK(DecodeCursorExtent(bytes, Identity(), 512 + 4096, &count) ==
        CursorBytes::kDamaged);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    SlotBytes flipped = bytes;
    flipped[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    CHECK(DecodeCursorExtent(flipped, Identity(), 512, &count) ==
          CursorBytes::kDamaged);
  }
}

TEST_CASE("An extent beyond the limit is damaged", "[cursor_slot]") {
  SlotBytes bytes;
  uint32_t count = 0;
  for (const uint32_t wrong : {0u, format::kPairsMax + 1}) {
    EncodeCursorExtent(Identity(), 512, wrong, bytes.data());
    CHECK(DecodeCursorExtent(bytes, Identity(), 512, &count) ==
          CursorBytes::kDamaged);
  }
}

TEST_CASE("The two slots of an entry lie in neighbouring pages",
          "[cursor_slot]") {
  CHECK(CursorSlotPosition(0, 0) == 8192);
  CHECK(CursorSlotPosition(0, 1) == 8192 + 4096);
  CHECK(CursorSlotPosition(63, 0) == 8192 + 63 * 64);
  CHECK(CursorSlotPosition(64, 0) == 16384);
  CHECK(CursorSlotPosition(64, 1) == 16384 + 4096);
}

TEST_CASE("Locks of partitions lie behind every position of a file",
          "[cursor_slot]") {
  Id128 all_bits;
  all_bits.bytes.fill(std::byte{0xff});
  const uint64_t file_size =
      format::kFirstPairAt + format::kPairsMax * format::kPairSize;
  CHECK(CursorLockPosition({Id128{}, 0}) > file_size);
  CHECK(CursorLockPosition({all_bits, 99999}) <= uint64_t{INT64_MAX});
  CHECK(CursorLockPosition({IdOf(1), 0}) + 1 ==
        CursorLockPosition({IdOf(1), 1}));
  CHECK(CursorLockPosition({IdOf(1), 5}) != CursorLockPosition({IdOf(2), 5}));
}

}  // namespace
}  // namespace tidemark
