#include <limits>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/tree_image.h"
#include "fuzz/tree_mutator.h"
#include "record/batch_reader.h"
#include "segment/segment_header.h"
#include "segment/segment_scanner.h"
#include "tidemark/segment.h"
#include "tidemark/testing/memory_env.h"

// F2: any bytes as the file of a segment: open, walk, search behind damage,
// check. The options of an image choose what the walk believes.
namespace tidemark::test {
namespace {

constexpr uint32_t kIsSealed = 1 << 0;
constexpr uint32_t kVerifiesAll = 1 << 1;
constexpr uint32_t kIsCut = 1 << 2;

void CheckInspector(Env& env, const std::string& name, FuzzCounts* counts) {
  const auto segment = Segment::Open(env, "/store", name);
  ExpectTyped(segment.status());
  ++(segment.ok() ? counts->accepted : counts->refused);
  if (!segment.ok()) return;
  Expect(segment->base_offset() <= segment->next_offset(), "ends of a segment");
  Expect(segment->batch_count() == 0 || segment->data_end() <= segment->size(),
         "the data is in the file");
  Offset next = segment->base_offset();
  uint64_t position = 0;
  ExpectTyped(segment->ForEachBatch([&](const BatchInfo& batch) {
    Expect(batch.position >= position, "batches follow one another");
    Expect(batch.base_offset == next, "batches are dense");
    position = batch.position + batch.size;
    next = batch.next_offset;
    Expect(position <= segment->data_end(), "a batch is within the data");
    return true;
  }));
  bool has_damage = false;
  const absl::Status found = segment->FindDamage([&](const DamagedRange& part) {
    has_damage = true;
    Expect(part.from <= part.to, "a damaged range");
  });
  ExpectTyped(found);
  const absl::Status verified = segment->Verify();
  ExpectTyped(verified);
  if (found.ok()) Expect(verified.ok() != has_damage, "two checks agree");
}

// The whole walk, over all damage.
void CheckScan(const File& file, const SegmentHeader& header, uint32_t options,
               FuzzCounts* counts) {
  const auto stat = file.Stat();
  Expect(stat.ok(), "a file has a size");
  ScanOptions scan;
  scan.position = header.data_position;
  scan.limit = std::min(stat->size, segment_format::kSegmentSizeCap);
  scan.next_offset = header.base_offset;
  scan.is_sealed = (options & kIsSealed) != 0;
  if ((options & kVerifiesAll) != 0) scan.payloads_from = 0;
  if ((options & kIsCut) != 0) {
    scan.cut_offset = header.base_offset + 2;
    scan.cut_incarnation = header.incarnation + 1;
  }
  SegmentScanner scanner(file, header, scan);
  uint64_t walked = 0;
  Offset next = header.base_offset;
  for (;;) {
    const auto found = scanner.Next();
    ExpectTyped(found.status());
    if (!found.ok() || *found == SegmentScanner::Found::kEnd) break;
    if (*found == SegmentScanner::Found::kFault) {
      Expect(scanner.fault() != BatchFault::kNone, "a fault has a reason");
      const auto resumed = scanner.Resync();
      ExpectTyped(resumed.status());
      if (!resumed.ok() || !*resumed) break;
      continue;
    }
    const BatchHeader& batch = scanner.batch();
    Expect(scanner.position() >= walked, "a walk goes on");
    Expect(batch.base_offset >= next, "offsets ascend over damage");
    Expect(scanner.position() + batch.size <= scan.limit, "a batch is inside");
    walked = scanner.position() + batch.size;
    next = batch.next_offset();
    ++counts->accepted;
    if (!scanner.body().empty()) {
      const auto payload = ReadPayload(batch, scanner.body());
      ExpectTyped(payload.status());
      if (payload.ok()) counts->records += batch.record_count;
    }
  }
}

void RunSegment(ByteSpan input, FuzzCounts* counts) {
  const TreeImage image = DecodeTree(input);
  MemoryEnv env;
  const auto root = env.OpenDirectory("/store", true);
  Expect(root.ok(), "a directory is made");
  WriteTree(image, env, "/store");
  for (const TreeNode& node : image.nodes) {
    const auto file = (*root)->OpenFile(node.name, FileAccess::kReadOnly);
    if (!file.ok()) continue;
    CheckInspector(env, node.name, counts);
    const auto head = ReadSegmentHead(**file);
    ExpectTyped(head.status());
    if (!head.ok() || head->fault != SegmentHeaderFault::kNone) continue;
    CheckScan(**file, head->header, image.options, counts);
  }
}

}  // namespace

const FuzzTarget kSegmentTarget = {"segment", &RunSegment, &MutateTree};

}  // namespace tidemark::test
