#include "fuzz/tree_image.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "fuzz/fuzz_target.h"

namespace tidemark::test {
namespace {

constexpr size_t kNodesMax = 256;

// A hole of so many bytes times 2^32 if the highest bit is set.
constexpr uint32_t kGiant = uint32_t{1} << 31;

// Runs of zeros and of other bytes, ended by two empty ones.
std::string DecodeContent(ByteReader* reader) {
  std::string content;
  while (content.size() < kContentMax) {
    const size_t zeros = reader->U16();
    const size_t size = reader->U16();
    if (zeros == 0 && size == 0) break;
    content.append(zeros, '\0');
    const size_t left = std::min(size, reader->remaining());
    content += AsText(reader->Bytes(left));
  }
  content.resize(std::min(content.size(), kContentMax));
  return content;
}

void EncodeContent(std::string_view content, ByteWriter* writer) {
  constexpr size_t kRunMax = 0xffff;
  constexpr size_t kGapMin = 8;  // fewer zeros are not worth a run
  size_t at = 0;
  while (at < content.size()) {
    size_t from = std::min(content.find_first_not_of('\0', at), content.size());
    from = std::min(from, at + kRunMax);
    size_t to = std::min(content.find(std::string(kGapMin, '\0'), from),
                         content.size());
    to = std::min(to, from + kRunMax);
    writer->U16(static_cast<uint16_t>(from - at));
    writer->U16(static_cast<uint16_t>(to - from));
    writer->Bytes(AsBytes(content.substr(from, to - from)));
    at = to;
  }
  writer->U32(0);
}

bool HasContent(NodeKind kind) {
  return kind != NodeKind::kDirectory && kind != NodeKind::kFifo;
}

void ReadDirectory(Directory& root, const std::string& path, TreeImage* image) {
  const auto entries = root.List(path);
  Expect(entries.ok(), "a directory can be listed");
  for (const DirectoryEntry& entry : *entries) {
    TreeNode node;
    node.name = path.empty() ? entry.name : path + "/" + entry.name;
    if (entry.type == FileType::kDirectory) {
      node.kind = NodeKind::kDirectory;
      image->nodes.push_back(node);
      ReadDirectory(root, node.name, image);
      continue;
    }
    const auto file = root.OpenFile(node.name, FileAccess::kReadOnly);
    Expect(file.ok(), "a file can be opened");
    const uint64_t size = (*file)->Stat().value().size;
    node.content.resize(std::min<uint64_t>(size, kContentMax));
    node.hole = size - node.content.size();
    auto* const to = reinterpret_cast<std::byte*>(node.content.data());
    Expect((*file)->ReadAt(0, {to, node.content.size()}).ok(), "a read");
    image->nodes.push_back(std::move(node));
  }
}

}  // namespace

TreeNode* TreeImage::Find(std::string_view name) {
  for (TreeNode& node : nodes) {
    if (node.name == name && node.kind == NodeKind::kFile) return &node;
  }
  return nullptr;
}

TreeImage DecodeTree(ByteSpan bytes) {
  TreeImage image;
  ByteReader reader(bytes);
  image.options = reader.U32();
  while (reader.remaining() > 0 && image.nodes.size() < kNodesMax) {
    TreeNode node;
    node.kind = static_cast<NodeKind>(reader.U8() % kNodeKinds);
    const size_t name_size = reader.U8();
    node.name = AsText(reader.Bytes(std::min(name_size, reader.remaining())));
    if (HasContent(node.kind)) {
      const uint32_t hole = reader.U32();
      node.hole = (hole & kGiant) != 0 ? uint64_t{hole & ~kGiant} << 32 : hole;
      node.content = DecodeContent(&reader);
    }
    image.nodes.push_back(std::move(node));
  }
  return image;
}

std::string EncodeTree(const TreeImage& image) {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.U32(image.options);
  for (const TreeNode& node : image.nodes) {
    writer.U8(static_cast<uint8_t>(node.kind));
    const std::string_view name = std::string_view(node.name).substr(0, 255);
    writer.U8(static_cast<uint8_t>(name.size()));
    writer.Bytes(AsBytes(name));
    if (!HasContent(node.kind)) continue;
    const bool is_giant = node.hole >= kGiant;
    const uint64_t hole = is_giant ? (node.hole >> 32) | kGiant : node.hole;
    writer.U32(static_cast<uint32_t>(hole));
    EncodeContent(node.content, &writer);
  }
  return bytes;
}

TreeImage ReadTree(Env& env, std::string_view directory) {
  const auto root = env.OpenDirectory(directory, false);
  Expect(root.ok(), "a directory can be opened");
  TreeImage image;
  ReadDirectory(**root, "", &image);
  return image;
}

void WriteTree(const TreeImage& image, Env& env, std::string_view directory) {
  const auto opened = env.OpenDirectory(directory, false);
  Expect(opened.ok(), "a directory can be opened");
  Directory& root = **opened;
  for (const TreeNode& node : image.nodes) {
    if (node.kind == NodeKind::kDirectory) {
      root.CreateDirectory(node.name).IgnoreError();  // taken, or no name
      continue;
    }
    if (node.kind != NodeKind::kFile && node.kind != NodeKind::kLooseFile) {
      continue;
    }
    const auto file = root.CreateFile(node.name);
    if (!file.ok()) continue;
    uint64_t hole = node.hole;
    if (node.name.starts_with("cursors/") &&
        (image.options & kHasGiantCursors) == 0) {
      hole = std::min<uint64_t>(hole, 64 << 10);
    }
    const uint64_t size = node.content.size() + hole;
    // A giant that the file system does not take stays small.
    if (hole > 0) (*file)->Truncate(size).IgnoreError();
    Expect((*file)->WriteAt(0, AsBytes(node.content)).ok(), "a write");
  }
}

}  // namespace tidemark::test
