#include "tidy/docs_rules.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <set>
#include <vector>

#include "fmt/core.h"

namespace tidemark::tidy {
namespace {

bool IsDigit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

bool IsWord(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

struct Link {
  int line = 0;
  std::string target;
};

// `line` without what stands between backticks.
std::string WithoutCode(std::string_view line) {
  std::string result;
  bool is_code = false;
  for (const char c : line) {
    if (c == '`') is_code = !is_code;
    result += is_code ? ' ' : c;
  }
  return result;
}

// The lines of a page outside its code blocks; the others are empty.
std::vector<std::string> Prose(const SourceFile& page) {
  std::vector<std::string> result;
  bool is_block = false;
  for (std::string_view line : page.lines()) {
    const bool is_fence = line.starts_with("```");
    if (is_fence) is_block = !is_block;
    result.push_back(is_block || is_fence ? "" : WithoutCode(line));
  }
  return result;
}

std::vector<Link> LinksOf(const SourceFile& page) {
  std::vector<Link> links;
  int number = 0;
  for (const std::string& line : Prose(page)) {
    ++number;
    for (size_t at = line.find("]("); at != std::string::npos;
         at = line.find("](", at + 1)) {
      const size_t end = line.find_first_of(") ", at + 2);
      if (end == std::string::npos) break;
      links.push_back({number, line.substr(at + 2, end - at - 2)});
    }
  }
  return links;
}

std::set<std::string> AnchorsOf(const SourceFile& page) {
  std::set<std::string> anchors;
  bool is_block = false;
  for (std::string_view line : page.lines()) {
    if (line.starts_with("```")) is_block = !is_block;
    if (is_block || !line.starts_with('#')) continue;
    line.remove_prefix(std::min(line.find_first_not_of("# "), line.size()));
    anchors.insert(AnchorOf(line));
  }
  return anchors;
}

// The path in the tree that a link `file` in the page `path` names.
std::string TargetOf(const std::string& path, const std::string& file) {
  if (file.empty()) return path;
  const std::filesystem::path folder =
      std::filesystem::path(path).parent_path();
  std::string target = (folder / file).lexically_normal().generic_string();
  if (target.size() > 1 && target.ends_with('/')) target.pop_back();
  return target;
}

// Whether a page has a heading of this name. Other files are not looked into.
bool HasAnchor(const SourceTree& tree, const std::string& path,
               const std::string& anchor) {
  if (!path.ends_with(".md")) return true;
  return AnchorsOf(tree.files().at(path)).contains(anchor);
}

// Adds every G<n> in `text` with the line of its first place.
void CollectGuarantees(std::string_view text, int line,
                       std::map<std::string, int>* found) {
  for (size_t at = text.find('G'); at != std::string_view::npos;
       at = text.find('G', at + 1)) {
    size_t end = at + 1;
    while (end < text.size() && IsDigit(text[end])) ++end;
    const bool begins = at == 0 || !IsWord(text[at - 1]);
    const bool ends = end == text.size() || !IsWord(text[end]);
    if (end > at + 1 && begins && ends) {
      found->emplace(std::string(text.substr(at, end - at)), line);
    }
  }
}

}  // namespace

std::string AnchorOf(std::string_view heading) {
  std::string anchor;
  for (const char c : heading) {
    if (c == ' ') {
      anchor += '-';
    } else if (IsWord(c) || c == '-') {
      anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return anchor;
}

Violations CheckLinks(const SourceTree& tree) {
  Violations violations;
  for (const auto& [path, page] : tree.files()) {
    if (!page.Is(".md")) continue;
    for (const Link& link : LinksOf(page)) {
      if (link.target.find("://") != std::string::npos ||
          link.target.starts_with("mailto:")) {
        continue;
      }
      const size_t hash = link.target.find('#');
      const std::string file = link.target.substr(0, hash);
      const std::string target = TargetOf(path, file);
      if (!tree.Exists(target)) {
        violations.push_back(At(
            page, link.line, fmt::format("the link {} is dead", link.target)));
      } else if (hash != std::string::npos &&
                 !HasAnchor(tree, target, link.target.substr(hash + 1))) {
        violations.push_back(
            At(page, link.line,
               fmt::format("no heading of {} is called {}", target,
                           link.target.substr(hash + 1))));
      }
    }
  }
  return violations;
}

Violations CheckGuarantees(const SourceTree& tree) {
  Violations violations;
  const auto page = tree.files().find("docs/guarantees.md");
  if (page == tree.files().end()) return violations;
  std::map<std::string, int> promised;
  int number = 0;
  for (std::string_view line : page->second.lines()) {
    CollectGuarantees(line, ++number, &promised);
  }
  std::set<std::string> cited;
  for (const auto& [path, file] : tree.files()) {
    if (!file.IsUnder("tests/") || !file.IsCode() ||
        file.IsUnder("tests/tidy/")) {
      continue;
    }
    number = 0;
    for (std::string_view line : file.lines()) {
      ++number;
      const size_t comment = line.find("//");
      if (comment == std::string_view::npos) continue;
      std::map<std::string, int> here;
      CollectGuarantees(line.substr(comment), number, &here);
      for (const auto& [name, at] : here) {
        cited.insert(name);
        if (!promised.contains(name)) {
          violations.push_back(
              At(file, at, fmt::format("docs/guarantees.md has no {}", name)));
        }
      }
    }
  }
  for (const auto& [name, line] : promised) {
    if (!cited.contains(name)) {
      violations.push_back(
          At(page->second, line, fmt::format("no test cites {}", name)));
    }
  }
  return violations;
}

}  // namespace tidemark::tidy
