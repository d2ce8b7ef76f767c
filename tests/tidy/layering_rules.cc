#include "tidy/layering_rules.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <sstream>

#include "fmt/core.h"

namespace tidemark::tidy {
namespace {

constexpr std::string_view kUmbrella = "umbrella";

// A new public header gets its line here.
const std::map<std::string, std::string, std::less<>> kHeaderOwners = {
    {"clock.h", "base"},
    {"damage.h", "base"},
    {"error.h", "base"},
    {"export.h", "base"},
    {"testing/manual_clock.h", "base"},
    {"types.h", "base"},
    {"version.h", "base"},
    {"env.h", "io"},
    {"testing/fault_env.h", "io"},
    {"testing/memory_env.h", "io"},
    {"codec.h", "codec"},
    {"metrics.h", "metrics"},
    {"record.h", "record"},
    {"records.h", "record"},
    {"segment.h", "segment"},
    {"marks.h", "partition"},
    {"partition.h", "partition"},
    {"partition_options.h", "partition"},
    {"recovery_report.h", "partition"},
    {"event.h", "partition"},
    {"health.h", "partition"},
    {"partitioner.h", "store"},
    {"store.h", "store"},
    {"store_options.h", "store"},
    {"topic.h", "store"},
    {"topic_options.h", "store"},
    {"producer.h", "producer"},
    {"consumer_cursor.h", "consumer"},
    {"cursor_files.h", "consumer"},
    {"cursor_options.h", "consumer"},
    {"positions.h", "consumer"},
    {"subscriber.h", "consumer"},
    {"tidemark.h", std::string(kUmbrella)},
};

// External headers that only one folder or file may know.
const std::map<std::string, std::string, std::less<>> kPrivateExternals = {
    {"lz4.h", "lib/codec/"},         {"lz4hc.h", "lib/codec/"},
    {"lz4frame.h", "lib/codec/"},    {"zstd.h", "lib/codec/"},
    {"zstd_errors.h", "lib/codec/"}, {"xxhash.h", "lib/base/checksum"},
};

// Roots of external headers that we write in quotes.
const std::set<std::string, std::less<>> kExternalRoots = {"absl", "fmt", "CLI",
                                                           "nlohmann"};

constexpr std::string_view kPublicRoot = "tidemark/";

std::string FirstPart(std::string_view path) {
  return std::string(path.substr(0, path.find('/')));
}

std::string FolderOf(const std::string& path) {
  return path.substr(0, path.rfind('/') + 1);
}

// The module of a file under lib/ or include/tidemark/; empty for other files.
std::string ModuleOf(const SourceFile& file) {
  constexpr std::string_view kInclude = "include/tidemark/";
  constexpr std::string_view kLib = "lib/";
  const std::string_view path = file.path;
  if (path.starts_with(kInclude)) return OwnerOf(path.substr(kInclude.size()));
  if (path.starts_with(kLib)) return FirstPart(path.substr(kLib.size()));
  return "";
}

// The path in the tree that an include names, if the tree has it.
std::string Resolve(const SourceTree& tree, const SourceFile& from,
                    const Include& include) {
  for (const std::string& folder :
       {std::string("include/"), std::string("lib/"), std::string("tests/"),
        FolderOf(from.path)}) {
    if (tree.Has(folder + include.path)) return folder + include.path;
  }
  return "";
}

// What an include of a module's file reaches for: the name of a module, the
// umbrella, "" for something external, or "?" for something unknown.
std::string TargetOf(const Include& include,
                     const std::set<std::string>& modules) {
  if (include.path.starts_with(kPublicRoot)) {
    const std::string owner = OwnerOf(include.path.substr(kPublicRoot.size()));
    return owner.empty() ? "?" : owner;
  }
  if (!include.is_quoted) return "";
  const std::string root = FirstPart(include.path);
  if (modules.contains(root) || root == "cli") return root;
  return kExternalRoots.contains(root) ? "" : "?";
}

void CheckOneInclude(const SourceFile& file, const std::string& module,
                     const std::set<std::string>& allowed,
                     const std::set<std::string>& modules,
                     const Include& include, Violations* violations) {
  const auto external = kPrivateExternals.find(include.path);
  if (external != kPrivateExternals.end() && !file.IsUnder(external->second)) {
    violations->push_back(
        At(file, include.line,
           fmt::format("{} is private to {}", include.path, external->second)));
  }
  const bool is_public_header = file.IsUnder("include/");
  if (is_public_header && include.is_quoted &&
      modules.contains(FirstPart(include.path))) {
    violations->push_back(At(
        file, include.line,
        fmt::format("a public header includes the internal {}", include.path)));
    return;
  }
  const std::string target = TargetOf(include, modules);
  if (target.empty() || target == module) return;
  if (target == "?") {
    violations->push_back(
        At(file, include.line,
           fmt::format("{} belongs to no module: a new public header gets its "
                       "line in kHeaderOwners of tests/tidy/layering_rules.cc",
                       include.path)));
  } else if (target == kUmbrella) {
    violations->push_back(
        At(file, include.line, "the umbrella header is for hosts only"));
  } else if (!allowed.contains(target)) {
    violations->push_back(
        At(file, include.line,
           fmt::format("{} may not include {}: {} is not in the DEPS of {} in "
                       "CMakeLists.txt",
                       module, include.path, target, module)));
  }
}

}  // namespace

std::vector<Module> DeclaredModules(const SourceTree& tree) {
  std::vector<Module> modules;
  const auto found = tree.files().find("CMakeLists.txt");
  if (found == tree.files().end()) return modules;
  for (std::string_view line : found->second.lines()) {
    constexpr std::string_view kCall = "lib_module(";
    if (!line.starts_with(kCall)) continue;
    line.remove_prefix(kCall.size());
    std::istringstream words(std::string(line.substr(0, line.find(')'))));
    Module module;
    words >> module.name;
    std::string word;
    while (words >> word) {
      if (word != "DEPS") module.deps.push_back(word);
    }
    modules.push_back(std::move(module));
  }
  return modules;
}

std::string OwnerOf(std::string_view header) {
  const auto found = kHeaderOwners.find(header);
  return found == kHeaderOwners.end() ? "" : found->second;
}

Violations CheckDeclarations(const SourceTree& tree) {
  Violations violations;
  std::set<std::string> seen;
  for (const Module& module : DeclaredModules(tree)) {
    for (const std::string& dep : module.deps) {
      if (!seen.contains(dep)) {
        violations.push_back(
            fmt::format("CMakeLists.txt: {} depends on {}, which is not "
                        "declared above it",
                        module.name, dep));
      }
    }
    seen.insert(module.name);
  }
  std::set<std::string> undeclared;
  for (const auto& [path, file] : tree.files()) {
    if (!file.IsUnder("lib/") || !file.IsCode()) continue;
    const std::string module = ModuleOf(file);
    if (module != "cli" && !seen.contains(module)) undeclared.insert(module);
  }
  for (const std::string& module : undeclared) {
    violations.push_back(fmt::format(
        "CMakeLists.txt: the folder lib/{} has no lib_module line", module));
  }
  return violations;
}

Violations CheckModuleIncludes(const SourceTree& tree) {
  Violations violations;
  std::set<std::string> names;
  std::map<std::string, std::set<std::string>> allowed;
  for (const Module& module : DeclaredModules(tree)) {
    names.insert(module.name);
    allowed[module.name] = {module.deps.begin(), module.deps.end()};
  }
  for (const auto& [path, file] : tree.files()) {
    if (!file.IsCode() || file.IsUnder("lib/cli/")) continue;
    if (!file.IsUnder("lib/") && !file.IsUnder("include/")) continue;
    const std::string module = ModuleOf(file);
    if (module.empty()) {
      violations.push_back(
          At(file, 1,
             "no module owns this header: it needs a line in kHeaderOwners "
             "of tests/tidy/layering_rules.cc"));
      continue;
    }
    if (module == kUmbrella) continue;
    for (const Include& include : file.includes()) {
      CheckOneInclude(file, module, allowed[module], names, include,
                      &violations);
    }
  }
  return violations;
}

Violations CheckPublicOnly(const SourceTree& tree) {
  Violations violations;
  for (const auto& [path, file] : tree.files()) {
    if (!file.IsCode() || file.IsUnder("tests/install/")) continue;
    const bool sees_public_only = file.IsUnder("lib/cli/") ||
                                  file.IsUnder("examples/") ||
                                  file.IsUnder("benchmarks/");
    for (const Include& include : file.includes()) {
      if (include.path == "tidemark/tidemark.h" && !file.IsUnder("include/")) {
        violations.push_back(
            At(file, include.line, "the umbrella header is for hosts only"));
      }
      if (!sees_public_only || !include.is_quoted) continue;
      const bool is_public = include.path.starts_with(kPublicRoot) &&
                             tree.Has("include/" + include.path);
      const bool is_own = tree.Has(FolderOf(file.path) + include.path) ||
                          (!file.IsUnder("lib/") &&
                           tree.Has(FirstPart(file.path) + "/" + include.path));
      if (!is_public && !is_own &&
          !kExternalRoots.contains(FirstPart(include.path))) {
        violations.push_back(
            At(file, include.line,
               fmt::format("{} is neither public nor of this folder",
                           include.path)));
      }
    }
  }
  return violations;
}

Violations CheckHeaderCycles(const SourceTree& tree) {
  Violations violations;
  enum class Mark { kOpen, kDone };
  std::map<std::string, Mark> marks;
  std::vector<std::string> path;
  const std::function<void(const std::string&)> visit =
      [&](const std::string& name) {
        const auto mark = marks.find(name);
        if (mark != marks.end()) {
          if (mark->second == Mark::kDone) return;
          std::string cycle;
          for (auto it = std::find(path.begin(), path.end(), name);
               it != path.end(); ++it) {
            cycle += *it + " -> ";
          }
          violations.push_back(cycle + name);
          return;
        }
        marks[name] = Mark::kOpen;
        path.push_back(name);
        const SourceFile& file = tree.files().at(name);
        for (const Include& include : file.includes()) {
          const std::string target = Resolve(tree, file, include);
          if (!target.empty()) visit(target);
        }
        path.pop_back();
        marks[name] = Mark::kDone;
      };
  for (const auto& [name, file] : tree.files()) {
    if (file.IsHeader()) visit(name);
  }
  return violations;
}

}  // namespace tidemark::tidy
