#include "tidy/style_rules.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <string_view>

#include "fmt/core.h"

namespace tidemark::tidy {
namespace {

constexpr size_t kColumnsMax = 80;

struct BannedToken {
  std::string_view token;
  std::string_view instead;
  bool in_tool = true;  // banned in lib/cli as well
  bool only_headers = false;
};

constexpr BannedToken kBanned[] = {
    {"std::cout", "a library does not print", false},
    {"std::cerr", "a library does not print", false},
    {"printf(", "a library does not print; text is built with fmt", true},
    {"fprintf(", "a library does not print; text is built with fmt", true},
    {"snprintf(", "text is built with fmt", true},
    {"sprintf(", "text is built with fmt", true},
    {"fmt::print(", "a library does not print", false},
    {"exit(", "only the host ends its process", false},
    {"throw", "errors are absl::Status", true},
    {"sleep_for", "wait on a condition or the Clock", true},
    {"sleep_until", "wait on a condition or the Clock", true},
    {"usleep(", "wait on a condition or the Clock", true},
    {"nanosleep(", "wait on a condition or the Clock", true},
    {"absl::SleepFor", "wait on a condition or the Clock", true},
    {"std::thread", "threads are started in base/worker", true},
    {"std::jthread", "threads are started in base/worker", true},
    {"std::async", "threads are started in base/worker", true},
    {"pthread_create", "threads are started in base/worker", true},
    {"using namespace", "a header leaves the names of its users alone", true,
     true},
};

bool IsNamePart(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool IsFigure(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

// The next place of `token` at or after `from` where no word goes on before or
// behind it; npos if there is none.
size_t FindToken(std::string_view code, std::string_view token, size_t from) {
  for (size_t at = code.find(token, from); at != std::string_view::npos;
       at = code.find(token, at + 1)) {
    const size_t end = at + token.size();
    const bool begins = at == 0 || !IsNamePart(code[at - 1]);
    const bool ends =
        token.back() == '(' || end == code.size() || !IsNamePart(code[end]);
    if (begins && ends) return at;
  }
  return std::string_view::npos;
}

std::string StemOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string name = path.substr(slash + 1);
  return name.substr(0, name.rfind('.'));
}

std::string ModuleFolderOf(const std::string& path) {
  return path.substr(0, path.rfind('/') + 1);
}

bool IsExempt(const std::vector<Exemption>& exemptions, const std::string& path,
              std::string_view token) {
  return std::any_of(
      exemptions.begin(), exemptions.end(), [&](const Exemption& exemption) {
        return exemption.path == path && exemption.token == token;
      });
}

// TODO(#12) names an issue; any other TODO is a violation.
void CheckTodo(const SourceFile& file, Violations* violations) {
  constexpr std::string_view kTodo = "TODO";
  for (size_t at = FindToken(file.text, kTodo, 0); at != std::string_view::npos;
       at = FindToken(file.text, kTodo, at + 1)) {
    const std::string_view rest =
        std::string_view(file.text).substr(at + kTodo.size(), 3);
    if (rest.size() == 3 && rest.starts_with("(#") && IsFigure(rest[2])) {
      continue;
    }
    violations->push_back(At(file, LineOf(file.text, at),
                             "a TODO names its issue: TODO(#<number>)"));
  }
}

void CheckLine(const SourceFile& file, int number, std::string_view line,
               Violations* violations) {
  const auto is_not_ascii = [](char c) {
    return static_cast<unsigned char>(c) >= 0x80;
  };
  if (std::any_of(line.begin(), line.end(), is_not_ascii)) {
    violations->push_back(At(file, number, "a character is not ASCII"));
  }
  if (line.find('\r') != std::string_view::npos) {
    violations->push_back(At(file, number, "a carriage return"));
  }
  if (line.find('\t') != std::string_view::npos) {
    violations->push_back(At(file, number, "a tab"));
  }
  if (line.ends_with(' ')) {
    violations->push_back(At(file, number, "a blank at the end of the line"));
  }
  const bool may_be_long =
      line.find("https://") != std::string_view::npos ||
      line.starts_with("#include ") || line.starts_with("#ifndef ") ||
      line.starts_with("#define ") || line.starts_with("#endif ");
  if (file.IsCode() && line.size() > kColumnsMax && !may_be_long) {
    violations->push_back(
        At(file, number, fmt::format("{} columns", line.size())));
  }
}

}  // namespace

const std::vector<Exemption>& SourcesWithoutTest() {
  static const auto* const list = new std::vector<Exemption>{
      {"lib/cli/main.cc", "", "the tests of the tool run it as a program"},
  };
  return *list;
}

const std::vector<Exemption>& AllowedTokens() {
  static const auto* const list = new std::vector<Exemption>{
      {"lib/base/worker.h", "std::thread", "the one owner of threads"},
      {"lib/base/worker.cc", "std::thread", "the one owner of threads"},
  };
  return *list;
}

std::string GuardOf(const std::string& path) {
  constexpr std::string_view kPublic = "include/tidemark/";
  const std::string_view named =
      std::string_view(path).starts_with(kPublic)
          ? std::string_view(path).substr(kPublic.size())
          : std::string_view(path);
  std::string guard = "TIDEMARK_";
  for (const char c : named) {
    guard += IsNamePart(c) ? static_cast<char>(std::toupper(c)) : '_';
  }
  return guard + "_";
}

Violations CheckGuards(const SourceTree& tree) {
  Violations violations;
  for (const auto& [path, file] : tree.files()) {
    if (!file.IsHeader()) continue;
    const std::string guard = GuardOf(path);
    const std::string begin =
        fmt::format("#ifndef {}\n#define {}\n", guard, guard);
    const std::string end = fmt::format("#endif  // {}\n", guard);
    if (!file.text.starts_with(begin) || !file.text.ends_with(end)) {
      violations.push_back(At(
          file, 1, fmt::format("the guard {} is expected around it", guard)));
    }
  }
  return violations;
}

Violations CheckUniqueStems(const SourceTree& tree) {
  Violations violations;
  std::map<std::string, std::string> folders;
  for (const auto& [path, file] : tree.files()) {
    if (!file.IsUnder("lib/") || !file.IsCode()) continue;
    const auto [entry, is_new] =
        folders.emplace(StemOf(path), ModuleFolderOf(path));
    if (!is_new && entry->second != ModuleFolderOf(path)) {
      violations.push_back(
          At(file, 1, fmt::format("{} has the same stem", entry->second)));
    }
  }
  return violations;
}

Violations CheckTestsExist(const SourceTree& tree,
                           const std::vector<Exemption>& exemptions) {
  Violations violations;
  std::set<std::string> tests;
  for (const auto& [path, file] : tree.files()) {
    if (file.IsUnder("tests/") && file.Is("_test.cc")) {
      tests.insert(StemOf(path));
    }
  }
  for (const auto& [path, file] : tree.files()) {
    if (!file.IsUnder("lib/") || !file.Is(".cc")) continue;
    const bool has_test = tests.contains(StemOf(path) + "_test");
    if (!has_test && !IsExempt(exemptions, path, "")) {
      violations.push_back(
          At(file, 1, fmt::format("no tests/**/{}_test.cc", StemOf(path))));
    }
  }
  for (const Exemption& exemption : exemptions) {
    if (exemption.reason.empty()) {
      violations.push_back(exemption.path + ": an exemption needs a reason");
    }
    if (tests.contains(StemOf(exemption.path) + "_test")) {
      violations.push_back(exemption.path + ": has a test and an exemption");
    }
  }
  return violations;
}

Violations CheckText(const SourceTree& tree) {
  Violations violations;
  for (const auto& [path, file] : tree.files()) {
    int number = 0;
    for (std::string_view line : file.lines()) {
      CheckLine(file, ++number, line, &violations);
    }
    if (!file.text.empty() && !file.text.ends_with('\n')) {
      violations.push_back(At(file, number, "the last line does not end"));
    }
  }
  return violations;
}

Violations CheckBanned(const SourceTree& tree,
                       const std::vector<Exemption>& exemptions) {
  Violations violations;
  for (const auto& [path, file] : tree.files()) {
    if (!file.IsCode() || file.IsUnder("tests/tidy/")) continue;
    CheckTodo(file, &violations);
    if (!file.IsUnder("lib/") && !file.IsUnder("include/")) continue;
    const std::string code = CodeOnly(file.text);
    for (const BannedToken& banned : kBanned) {
      if (file.IsUnder("lib/cli/") && !banned.in_tool) continue;
      if (banned.only_headers && !file.IsHeader()) continue;
      if (IsExempt(exemptions, path, banned.token)) continue;
      for (size_t at = FindToken(code, banned.token, 0);
           at != std::string_view::npos;
           at = FindToken(code, banned.token, at + 1)) {
        violations.push_back(
            At(file, LineOf(code, at),
               fmt::format("{}: {}", banned.token, banned.instead)));
      }
    }
  }
  return violations;
}

}  // namespace tidemark::tidy
