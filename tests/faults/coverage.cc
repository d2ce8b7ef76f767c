#include "faults/coverage.h"

#include <fmt/core.h>

#include "faults/call_sites.h"
#include "faults/errno_table.h"

namespace tidemark::test {
namespace {

bool IsCallOf(const CallSite& site, EnvCall kind, const SourceLine& place) {
  const bool is_method = site.method == MethodOf(kind) ||
                         (kind == EnvCall::kWrite && site.method == "WriteAtV");
  return is_method && site.file == place.file &&
         place.line >= site.first_line && place.line <= site.last_line;
}

}  // namespace

bool Coverage::Has(const void* address, EnvCall kind, int error,
                   bool is_persistent) const {
  const auto found = sites_.find({address, kind});
  return found != sites_.end() &&
         found->second.contains({error, is_persistent});
}

Coverage::Report Coverage::Compare() const {
  std::set<const void*> addresses;
  for (const auto& [site, errors] : sites_) addresses.insert(site.first);
  const auto places = LocateCalls(addresses);
  Report report;
  for (const CallSite& site : FindCallSites()) {
    ++report.site_count;
    // One place can call several kinds: a template, or two copies of a loop.
    std::map<EnvCall, Errors> reached;
    for (const auto& [key, errors] : sites_) {
      const auto place = places.find(key.first);
      if (place == places.end() || !IsCallOf(site, key.second, place->second)) {
        continue;
      }
      reached[key.second].insert(errors.begin(), errors.end());
    }
    const std::string name =
        fmt::format("{}:{}: {}", site.file, site.line, site.method);
    if (reached.empty()) {
      report.exempt_count += !site.exemption.empty();
      report.lines.push_back(
          fmt::format("{:60} {}", name,
                      site.exemption.empty() ? "NOT REACHED" : site.exemption));
      if (site.exemption.empty()) {
        report.missing.push_back(name + ": " + site.text);
      }
    }
    for (const auto& [kind, errors] : reached) {
      const uint64_t wanted = 2 * ErrorsOf(kind).size();
      report.pair_count += wanted;
      report.reached_pair_count += errors.size();
      report.lines.push_back(
          fmt::format("{:60} {:2} of {:2}", name, errors.size(), wanted));
      if (errors.size() < wanted) {
        report.missing.push_back(
            fmt::format("{}: {} of {} errors", name, errors.size(), wanted));
      }
    }
  }
  return report;
}

}  // namespace tidemark::test
