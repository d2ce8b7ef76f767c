#include "result_line.h"

#include <string>
#include <string_view>

#include "fmt/core.h"

namespace bench {

void ResultLine::AddText(std::string_view name, std::string_view text) {
  Add(name, fmt::format("\"{}\"", text));
}

void ResultLine::AddNumber(std::string_view name, double number) {
  Add(name, fmt::format("{:.6g}", number));
}

void ResultLine::AddCount(std::string_view name, uint64_t count) {
  Add(name, fmt::format("{}", count));
}

void ResultLine::Add(std::string_view name, std::string_view value) {
  if (!fields_.empty()) fields_ += ", ";
  fields_ += fmt::format("\"{}\": {}", name, value);
}

}  // namespace bench
