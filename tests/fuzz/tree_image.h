#ifndef TIDEMARK_TESTS_FUZZ_TREE_IMAGE_H_
#define TIDEMARK_TESTS_FUZZ_TREE_IMAGE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "tidemark/env.h"

// A directory with all that is in it, as the bytes of a fuzz input.
namespace tidemark::test {

// The numbers stand in the corpora.
enum class NodeKind : uint8_t {
  kFile = 0,
  kDirectory = 1,
  kSymbolicLink = 2,  // the content is its target
  kFifo = 3,
  kHardLink = 4,   // the content is the name of the file
  kLooseFile = 5,  // a file that everybody may write to
};
constexpr uint8_t kNodeKinds = 6;

struct TreeNode {
  NodeKind kind = NodeKind::kFile;
  std::string name;  // a path; any bytes
  std::string content;
  uint64_t hole = 0;  // bytes behind the content that are not there
};

// Any bytes are an image: what cannot be understood ends it. Zeros take no room
// in the bytes, so that a file of pages with little in them is small.
struct TreeImage {
  uint32_t options = 0;  // for the target
  std::vector<TreeNode> nodes;

  // The file of this name; null without one.
  TreeNode* Find(std::string_view name);
};

// No file of an image has more content than this.
constexpr size_t kContentMax = 256 << 10;

// Among the options of an image: cursor files may be sparse giants as well.
// Without it they are not, for each slot of theirs is looked at, which would
// take the time of thousands of other inputs.
constexpr uint32_t kHasGiantCursors = uint32_t{1} << 31;

TreeImage DecodeTree(ByteSpan bytes);
std::string EncodeTree(const TreeImage& image);

// Everything below `directory`.
TreeImage ReadTree(Env& env, std::string_view directory);

// Makes the directories and files of the image below `directory`, which exists.
// Names that the Env refuses are left out, and so are links and FIFOs: the Env
// makes none.
void WriteTree(const TreeImage& image, Env& env, std::string_view directory);

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_FUZZ_TREE_IMAGE_H_
