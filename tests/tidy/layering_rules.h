#ifndef TIDEMARK_TESTS_TIDY_LAYERING_RULES_H_
#define TIDEMARK_TESTS_TIDY_LAYERING_RULES_H_

#include <string>
#include <string_view>
#include <vector>

#include "tidy/source_tree.h"

namespace tidemark::tidy {

// A line `lib_module(name DEPS ...)` of the top CMakeLists.txt.
struct Module {
  std::string name;
  std::vector<std::string> deps;
};

// The declared modules in the order of their declarations.
std::vector<Module> DeclaredModules(const SourceTree& tree);

// The module that implements include/tidemark/<header>; "umbrella" for the
// header of headers; empty if the table in layering_rules.cc does not know it.
std::string OwnerOf(std::string_view header);

// Every dependency is declared before the module that names it, and every
// folder of lib/ but the tool's is a declared module.
Violations CheckDeclarations(const SourceTree& tree);

// Headers and sources of a module include only its own module and its DEPS;
// public headers include public headers only; a few external headers are
// private to one place.
Violations CheckModuleIncludes(const SourceTree& tree);

// The tool, the examples and the benchmarks see public headers, and headers of
// their own folder. Nobody inside the project includes the umbrella header.
Violations CheckPublicOnly(const SourceTree& tree);

// No header includes itself, over any number of steps.
Violations CheckHeaderCycles(const SourceTree& tree);

}  // namespace tidemark::tidy

#endif  // TIDEMARK_TESTS_TIDY_LAYERING_RULES_H_
