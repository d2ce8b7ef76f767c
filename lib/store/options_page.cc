#include "store/options_page.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "store/option_table.h"

namespace tidemark {
inline namespace v0 {
namespace {

template <typename Options>
using Presets = std::vector<std::pair<std::string_view, Options>>;

// Adds words to a page and breaks its lines at 80 columns.
void AddParagraph(std::string_view text, std::string* page) {
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

template <typename Options>
void AddRows(const std::vector<OptionRow<Options>>& rows,
             const Presets<Options>& presets, std::string* page) {
  for (const OptionRow<Options>& row : rows) {
    const std::string value = row.show(Options());
    *page += fmt::format("### {}\n\n", row.name);
    std::string facts =
        fmt::format("Default: {}. Allowed: {}.", value, row.range);
    for (const auto& [name, preset] : presets) {
      if (row.show(preset) == value) continue;
      facts += fmt::format(" {}: {}.", name, row.show(preset));
    }
    AddParagraph(facts, page);
    AddParagraph(row.what, page);
    AddParagraph(fmt::format("**When to change it.** {}", row.when), page);
    AddParagraph(fmt::format("**What it costs.** {}", row.cost), page);
  }
}

}  // namespace

std::string OptionsPage() {
  std::string page = "# Options\n\n";
  AddParagraph(
      "Every option of a store and of a topic, with its default. This page is "
      "printed from the tables that also check the values; a test compares "
      "them. Sizes are in bytes with 1 KiB = 1,024; a value out of range is "
      "InvalidArgument with the name of the option. The options of a producer "
      "are on [its own page](producer.md#options).",
      &page);
  page += "## Options of a store\n\n";
  AddParagraph(
      "`StoreOptions`, given at each opening and kept nowhere. `Iot` is the "
      "preset `StoreOptions::Iot()` for gateways.",
      &page);
  AddRows(StoreOptionTable(), {{"Iot", StoreOptions::Iot()}}, &page);
  page += "## Options of a topic\n\n";
  AddParagraph(
      "`TopicOptions`, given when the topic is created and kept with it. "
      "Durations are kept in whole microseconds.",
      &page);
  AddRows(TopicOptionTable(), {}, &page);
  page += "## Options of the partitions of a topic\n\n";
  AddParagraph(
      "`PartitionOptions`, the part of `TopicOptions` that `Topic::Alter` can "
      "change. Sizes and ages take effect at the next roll, the rest at once.",
      &page);
  AddRows(PartitionOptionTable(), {}, &page);
  page.pop_back();  // one line end behind the last paragraph
  return page;
}

}  // namespace v0
}  // namespace tidemark
