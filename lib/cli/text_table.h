#ifndef TIDEMARK_LIB_CLI_TEXT_TABLE_H_
#define TIDEMARK_LIB_CLI_TEXT_TABLE_H_

#include <string>
#include <vector>

#include "output.h"

namespace tidemark::cli {

// Rows of text in aligned columns. The first row names them. Columns whose
// other cells all begin with a digit are aligned to the right.
//
// A plain value; nothing is printed before Print.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> names);

  // `cells` has as many entries as there are names.
  void AddRow(std::vector<std::string> cells);

  // Each line begins with `indent` blanks.
  void Print(Output& out, size_t indent = 0) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace tidemark::cli

#endif  // TIDEMARK_LIB_CLI_TEXT_TABLE_H_
