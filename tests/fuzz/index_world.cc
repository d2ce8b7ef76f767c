#include "fuzz/index_world.h"

#include "fmt/core.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/tree_image.h"
#include "segment/segment_trailer.h"
#include "tidemark/store.h"
#include "tidemark/testing/manual_clock.h"

namespace tidemark::test {

std::string IndexWorld::Value(Offset offset) {
  std::string value = fmt::format("value {} ", offset);
  value.resize(4000, 'x');
  return value;
}

const IndexWorld& IndexWorld::Get() {
  static const IndexWorld* const world = new IndexWorld;
  return *world;
}

IndexWorld::IndexWorld() {
  ManualClock clock;
  auto store = Store::Open("/store", StoreOptions::Test(env_, clock));
  Expect(store.ok(), "a store is made");
  TopicOptions options;
  options.batch_bytes = 4 << 10;
  options.segment_bytes = 170 << 10;
  auto topic = store->CreateTopic("t", options);
  Expect(topic.ok(), "a topic is made");
  for (Offset offset = 0; offset < kRecords; ++offset) {
    const auto appended = topic->partition(0).value().Append(
        {.value = Value(offset), .create_time = clock.Now()});
    Expect(appended.ok() && *appended == offset, "a record is appended");
    clock.Advance(absl::Seconds(1));
  }
  Expect(store->Close().ok(), "the store is closed");
  TreeImage image = ReadTree(env_, "/store");
  const TreeNode* const segment = image.Find(kFile);
  Expect(segment != nullptr && segment->hole == 0, "a segment");
  const ByteSpan bytes = AsBytes(segment->content);
  Expect(DecodeSegmentHeader(bytes, &header_) == SegmentHeaderFault::kNone,
         "a header");
  const size_t trailer_at = bytes.size() - segment_format::trailer::kSize;
  const auto trailer =
      DecodeTrailer(bytes.subspan(trailer_at), header_, trailer_at);
  Expect(trailer.has_value(), "the segment is sealed");
  data_ = segment->content.substr(0, trailer->totals.data_end);
  tail_ = segment->content.substr(trailer->totals.data_end);
}

std::unique_ptr<MemoryEnv> IndexWorld::Copy(ByteSpan tail) const {
  std::unique_ptr<MemoryEnv> copy = env_.CopyCurrent();
  const auto root = copy->OpenDirectory("/store", false);
  Expect(root.ok(), "the directory opens");
  const auto file = (*root)->OpenFile(kFile, FileAccess::kReadWrite);
  Expect(file.ok(), "the segment opens");
  Expect((*file)->Truncate(data_.size()).ok(), "a cut");
  Expect((*file)->WriteAt(data_.size(), tail).ok(), "a write");
  return copy;
}

}  // namespace tidemark::test
