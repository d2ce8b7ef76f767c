#ifndef TIDEMARK_TESTS_FAULTS_CALL_SITES_H_
#define TIDEMARK_TESTS_FAULTS_CALL_SITES_H_

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tidemark/testing/fault_env.h"

namespace tidemark::test {

// A place in the sources that calls an Env or what it opened.
struct CallSite {
  std::string file;  // from the root of the project
  int line = 0;
  std::string method;  // "OpenFile"
  std::string text;    // of the line
  int first_line = 0;  // of the statement
  int last_line = 0;
  // Why no scenario has to reach it; empty if one has to.
  std::string exemption;
};

// A line that looks like a call of an Env and is none, or that no scenario has
// to reach.
struct Exemption {
  std::string_view file;
  std::string_view text;  // part of the line
  std::string_view reason;
};
std::span<const Exemption> ExemptSites();

// Every call by a name of Env's classes in the storage modules.
std::vector<CallSite> FindCallSites();

// The name of the method behind a call.
std::string_view MethodOf(EnvCall kind);

// A place in the sources.
struct SourceLine {
  std::string file;
  int line = 0;

  friend auto operator<=>(const SourceLine&, const SourceLine&) = default;
};

// The places of calls, by the addresses behind them. Asks addr2line, which
// comes with every compiler; without it nothing is found.
std::map<const void*, SourceLine> LocateCalls(
    const std::set<const void*>& addresses);

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_FAULTS_CALL_SITES_H_
