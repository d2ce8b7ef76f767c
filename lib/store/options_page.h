#ifndef TIDEMARK_LIB_STORE_OPTIONS_PAGE_H_
#define TIDEMARK_LIB_STORE_OPTIONS_PAGE_H_

#include <string>

namespace tidemark {
inline namespace v0 {

// The first part of docs/options.md, printed from the option tables. What
// readers of a store are given follows it.
std::string OptionsPage();

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_OPTIONS_PAGE_H_
