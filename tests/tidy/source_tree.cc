#include "tidy/source_tree.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "fmt/core.h"

namespace tidemark::tidy {
namespace {

namespace fs = std::filesystem;

// Of the corpus of a fuzz target every byte counts.
const std::set<std::string> kSkippedFolders = {"build", ".git", ".cache",
                                               "__pycache__", "corpus"};
const std::set<std::string> kTextExtensions = {
    ".h",    ".cc",   ".md",   ".txt", ".cmake", ".in", ".py", ".sh",
    ".bash", ".json", ".toml", ".hex", ".supp",  "",    ".pc", ".clang-format"};

std::string ReadAll(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream),
          std::istreambuf_iterator<char>()};
}

// Where the raw string that begins at `at` (its R) ends.
size_t EndOfRawString(std::string_view text, size_t at) {
  const size_t open = text.find('(', at);
  if (open == std::string_view::npos) return text.size();
  std::string end = ")";
  end += text.substr(at + 2, open - at - 2);
  end += '"';
  const size_t close = text.find(end, open);
  return close == std::string_view::npos ? text.size() : close + end.size();
}

// Where the literal in quotes that begins at `at` ends, at its line's end at
// the latest.
size_t EndOfQuoted(std::string_view text, size_t at) {
  const char quote = text[at];
  for (size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      return i + 1;
    } else if (text[i] == '\n') {
      return i;
    }
  }
  return text.size();
}

bool IsWord(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

}  // namespace

std::string Report(const Violations& violations) {
  std::string text = fmt::format("{} violations", violations.size());
  for (const std::string& violation : violations) text += "\n  " + violation;
  return text;
}

std::vector<std::string_view> SourceFile::lines() const {
  std::vector<std::string_view> result;
  std::string_view rest = text;
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    result.push_back(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return result;
}

std::vector<Include> SourceFile::includes() const {
  std::vector<Include> result;
  int number = 0;
  for (std::string_view line : lines()) {
    ++number;
    if (!line.starts_with("#include ")) continue;
    const size_t open = line.find_first_of("\"<");
    if (open == std::string_view::npos) continue;
    const bool is_quoted = line[open] == '"';
    const size_t close = line.find(is_quoted ? '"' : '>', open + 1);
    if (close == std::string_view::npos) continue;
    result.push_back({number, is_quoted,
                      std::string(line.substr(open + 1, close - open - 1))});
  }
  return result;
}

SourceTree SourceTree::Load(const std::string& root) {
  SourceTree tree;
  tree.paths_.insert(".");
  fs::recursive_directory_iterator entries(root);
  for (auto it = fs::begin(entries); it != fs::end(entries); ++it) {
    const fs::path& path = it->path();
    const std::string relative = fs::relative(path, root).generic_string();
    if (it->is_directory()) {
      if (kSkippedFolders.contains(path.filename().string())) {
        it.disable_recursion_pending();
      } else {
        tree.paths_.insert(relative);
      }
      continue;
    }
    tree.paths_.insert(relative);
    if (!it->is_regular_file()) continue;
    if (!kTextExtensions.contains(path.extension().string())) continue;
    tree.files_[relative] = {relative, ReadAll(path)};
  }
  return tree;
}

const SourceTree& SourceTree::OfProject() {
  static const SourceTree* const tree =
      new SourceTree(Load(TIDEMARK_SOURCE_DIR));
  return *tree;
}

std::string CodeOnly(std::string_view text) {
  std::string code(text);
  size_t i = 0;
  while (i < text.size()) {
    size_t end = i;
    if (text.substr(i, 2) == "//") {
      end = std::min(text.find('\n', i), text.size());
    } else if (text.substr(i, 2) == "/*") {
      const size_t close = text.find("*/", i + 2);
      end = close == std::string_view::npos ? text.size() : close + 2;
    } else if (text.substr(i, 2) == "R\"" && (i == 0 || !IsWord(text[i - 1]))) {
      end = EndOfRawString(text, i);
    } else if (text[i] == '"') {
      end = EndOfQuoted(text, i);
    } else if (text[i] == '\'' && (i == 0 || !IsWord(text[i - 1]))) {
      end = EndOfQuoted(text, i);  // not the separator of 1'000
    }
    if (end == i) {
      ++i;
      continue;
    }
    for (; i < end; ++i) {
      if (code[i] != '\n') code[i] = ' ';
    }
  }
  return code;
}

int LineOf(std::string_view text, size_t at) {
  const std::string_view before = text.substr(0, at);
  return 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
}

std::string At(const SourceFile& file, int line, std::string_view message) {
  return fmt::format("{}:{}: {}", file.path, line, message);
}

}  // namespace tidemark::tidy
