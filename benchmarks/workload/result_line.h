#ifndef TIDEMARK_BENCHMARKS_WORKLOAD_RESULT_LINE_H_
#define TIDEMARK_BENCHMARKS_WORKLOAD_RESULT_LINE_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

// The result of one run as one line of JSON. Names and texts are plain words:
// nothing is escaped.
class ResultLine {
 public:
  void AddText(std::string_view name, std::string_view text);
  void AddNumber(std::string_view name, double number);
  void AddCount(std::string_view name, uint64_t count);

  std::string ToJson() const { return "{" + fields_ + "}"; }

 private:
  void Add(std::string_view name, std::string_view value);

  std::string fields_;
};

}  // namespace bench

#endif  // TIDEMARK_BENCHMARKS_WORKLOAD_RESULT_LINE_H_
