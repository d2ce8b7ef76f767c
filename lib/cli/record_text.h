#ifndef TIDEMARK_LIB_CLI_RECORD_TEXT_H_
#define TIDEMARK_LIB_CLI_RECORD_TEXT_H_

#include <string>
#include <string_view>

#include "tidemark/record.h"

namespace tidemark::cli {

enum class RecordFormat { kPlain, kKeyValue, kJson };

// How records are printed.
struct RecordTextOptions {
  RecordFormat format = RecordFormat::kPlain;
  std::string separator = "\t";  // between key and value
  std::string null_text = {};    // for a key or a value that is null
};

// Appends `record` and a line feed to `*text`.
//
// Plain is the value and key-value is key, separator and value, both as the
// bytes they are. JSON is one object; what is not UTF-8 becomes base64 in a
// field of the same name with "_base64" behind it.
void AppendRecordText(const RecordView& record,
                      const RecordTextOptions& options, std::string* text);

// `bytes` as a JSON string, at most `size_max` of them, for a person: what is
// not printable ASCII is escaped, and "..." stands for the rest.
std::string Preview(std::string_view bytes, size_t size_max);

}  // namespace tidemark::cli

#endif  // TIDEMARK_LIB_CLI_RECORD_TEXT_H_
