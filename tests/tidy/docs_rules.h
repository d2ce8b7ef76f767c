#ifndef TIDEMARK_TESTS_TIDY_DOCS_RULES_H_
#define TIDEMARK_TESTS_TIDY_DOCS_RULES_H_

#include <string>
#include <string_view>

#include "tidy/source_tree.h"

namespace tidemark::tidy {

// The name that a heading gets in links: lower case, blanks become '-', other
// characters than letters, digits, '-' and '_' are left out.
std::string AnchorOf(std::string_view heading);

// Every relative link in a page leads to a file of the tree, and to a heading
// of that page if it names one.
Violations CheckLinks(const SourceTree& tree);

// Every guarantee G<n> of docs/guarantees.md is cited by a comment `// G<n>` in
// a test, and no test cites a guarantee that is not there. Without that page
// there is nothing to check.
Violations CheckGuarantees(const SourceTree& tree);

}  // namespace tidemark::tidy

#endif  // TIDEMARK_TESTS_TIDY_DOCS_RULES_H_
