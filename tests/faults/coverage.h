#ifndef TIDEMARK_TESTS_FAULTS_COVERAGE_H_
#define TIDEMARK_TESTS_FAULTS_COVERAGE_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "tidemark/testing/fault_env.h"

namespace tidemark::test {

// Which error was reported to which place of the library.
class Coverage {
 public:
  void NoteSite(const void* address, EnvCall kind) {
    sites_[{address, kind}];
    addresses_.insert(address);
  }
  void NoteError(const void* address, EnvCall kind, int error,
                 bool is_persistent) {
    sites_[{address, kind}].insert({error, is_persistent});
  }
  bool Knows(const void* address) const { return addresses_.contains(address); }
  bool Has(const void* address, EnvCall kind, int error,
           bool is_persistent) const;

  struct Report {
    uint64_t site_count = 0;    // in the sources
    uint64_t exempt_count = 0;  // of these
    uint64_t pair_count = 0;    // sites times errors, once and persistent
    uint64_t reached_pair_count = 0;
    std::vector<std::string> lines;  // one for each site and kind of call
    std::vector<std::string> missing;
  };
  // Compares with what stands in the sources.
  Report Compare() const;

 private:
  using Errors = std::set<std::pair<int, bool>>;

  std::map<std::pair<const void*, EnvCall>, Errors> sites_;
  absl::flat_hash_set<const void*> addresses_;  // of these
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_FAULTS_COVERAGE_H_
