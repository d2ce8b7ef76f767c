#ifndef TIDEMARK_LIB_STORE_OPTION_SECTION_H_
#define TIDEMARK_LIB_STORE_OPTION_SECTION_H_

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/option_table.h"

// Parts of docs/options.md, printed from tables of options.
namespace tidemark {
inline namespace v0 {

// Other values to show beside the defaults.
template <typename Options>
using OptionPresets = std::vector<std::pair<std::string_view, Options>>;

// Adds words to a page and breaks its lines at 80 columns.
inline void AddOptionParagraph(std::string_view text, std::string* page) {
  constexpr size_t kColumnsMax = 80;
  size_t column = 0;
  while (!text.empty()) {
    const size_t size = std::min(text.find(' '), text.size());
    if (column > 0 && column + 1 + size > kColumnsMax) {
      *page += '\n';
      column = 0;
    } else if (column > 0) {
      *page += ' ';
      ++column;
    }
    *page += text.substr(0, size);
    column += size;
    text.remove_prefix(std::min(size + 1, text.size()));
  }
  *page += "\n\n";
}

// Adds a section for each of `rows`, with what they are in `defaults`.
template <typename Options>
void AddOptionRows(const std::vector<OptionRow<Options>>& rows,
                   const Options& defaults,
                   const OptionPresets<Options>& presets, std::string* page) {
  for (const OptionRow<Options>& row : rows) {
    const std::string value = row.show(defaults);
    *page += fmt::format("### {}\n\n", row.name);
    std::string facts =
        fmt::format("Default: {}. Allowed: {}.", value, row.range);
    for (const auto& [name, preset] : presets) {
      if (row.show(preset) == value) continue;
      facts += fmt::format(" {}: {}.", name, row.show(preset));
    }
    AddOptionParagraph(facts, page);
    AddOptionParagraph(row.what, page);
    AddOptionParagraph(fmt::format("**When to change it.** {}", row.when),
                       page);
    AddOptionParagraph(fmt::format("**What it costs.** {}", row.cost), page);
  }
}

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_OPTION_SECTION_H_
