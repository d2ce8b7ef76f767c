#ifndef TIDEMARK_TESTS_TIDY_SOURCE_TREE_H_
#define TIDEMARK_TESTS_TIDY_SOURCE_TREE_H_

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::tidy {

// Violations of a rule, one line each, beginning with path or path:line.
using Violations = std::vector<std::string>;

// One violation a line, for the message of a failed check.
std::string Report(const Violations& violations);

struct Include {
  int line = 0;
  bool is_quoted = false;
  std::string path;  // as written between the quotes or angle brackets
};

// A text file of the project.
struct SourceFile {
  std::string path;  // relative to the root of the tree, with '/'
  std::string text;

  std::vector<std::string_view> lines() const;  // without their ends
  std::vector<Include> includes() const;
  bool Is(std::string_view extension) const {
    return path.ends_with(extension);
  }
  bool IsUnder(std::string_view folder) const {
    return path.starts_with(folder);
  }
  bool IsHeader() const { return Is(".h"); }
  bool IsCode() const { return Is(".h") || Is(".cc"); }
};

// The text files below a root, by relative path. Folders that hold no source
// of the project (build/, .git/) are left out.
class SourceTree {
 public:
  static SourceTree Load(const std::string& root);
  // The tree that the tests were built from.
  static const SourceTree& OfProject();

  const std::map<std::string, SourceFile>& files() const { return files_; }
  bool Has(const std::string& path) const { return files_.contains(path); }
  // Whether the path is a file of any kind or a folder.
  bool Exists(const std::string& path) const { return paths_.contains(path); }

 private:
  std::set<std::string> paths_;
  std::map<std::string, SourceFile> files_;
};

// `text` with every comment and every content of a literal replaced by blanks;
// lines keep their numbers and columns.
std::string CodeOnly(std::string_view text);

// The line of the position `at` in `text`, counted from 1.
int LineOf(std::string_view text, size_t at);

// "path:line: message"
std::string At(const SourceFile& file, int line, std::string_view message);

}  // namespace tidemark::tidy

#endif  // TIDEMARK_TESTS_TIDY_SOURCE_TREE_H_
