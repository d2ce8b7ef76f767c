#ifndef TIDEMARK_TESTS_TIDY_STYLE_RULES_H_
#define TIDEMARK_TESTS_TIDY_STYLE_RULES_H_

#include <string>
#include <vector>

#include "tidy/source_tree.h"

namespace tidemark::tidy {

// A place that a rule leaves alone, and why.
struct Exemption {
  std::string path;
  std::string token;  // of CheckBanned only: the banned word that is allowed
  std::string reason;
};

// What the rules leave alone in this project.
const std::vector<Exemption>& SourcesWithoutTest();
const std::vector<Exemption>& AllowedTokens();

// The guard that the header at `path` must have: its path in capitals, without
// the folder include/.
std::string GuardOf(const std::string& path);

// Every header begins and ends with its guard.
Violations CheckGuards(const SourceTree& tree);

// No two folders of lib/ have a source or header of the same stem.
Violations CheckUniqueStems(const SourceTree& tree);

// Every lib/**/x.cc has a tests/**/x_test.cc or an exemption, and every
// exemption is needed.
Violations CheckTestsExist(const SourceTree& tree,
                           const std::vector<Exemption>& exemptions);

// ASCII, LF at every line's end including the last, no tabs, no blanks at the
// end of a line, and 80 columns in sources.
Violations CheckText(const SourceTree& tree);

// Words that must not occur in the library, its headers or its tool, and no
// TODO without an issue anywhere.
Violations CheckBanned(const SourceTree& tree,
                       const std::vector<Exemption>& exemptions);

}  // namespace tidemark::tidy

#endif  // TIDEMARK_TESTS_TIDY_STYLE_RULES_H_
