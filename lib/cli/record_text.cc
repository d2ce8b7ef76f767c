#include "record_text.h"

#include <fmt/core.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "quantities.h"

namespace tidemark::cli {
namespace {

using Json = nlohmann::ordered_json;

// The bytes of the UTF-8 sequence at the start of `text`, 0 when it is none:
// no surrogates, nothing above U+10FFFF, no longer form than needed.
size_t SequenceSize(std::string_view text) {
  const auto byte = [&](size_t at) {
    return static_cast<unsigned char>(text[at]);
  };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  size_t size = 0;
  if (lead >= 0xc2 && lead <= 0xdf) size = 2;
  if (lead >= 0xe0 && lead <= 0xef) size = 3;
  if (lead >= 0xf0 && lead <= 0xf4) size = 4;
  if (size == 0 || text.size() < size) return 0;
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const unsigned char second = byte(1);
  const bool is_overlong =
      (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool is_beyond =
      (lead == 0xed && second > 0x9f) || (lead == 0xf4 && second > 0x8f);
  return is_overlong || is_beyond ? 0 : size;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const size_t size = SequenceSize(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string Base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view group = bytes.substr(at, 3);
    uint32_t bits = 0;
    for (size_t i = 0; i < 3; ++i) {
      const unsigned char byte =
          i < group.size() ? static_cast<unsigned char>(group[i]) : 0;
      bits = bits << 8 | byte;
    }
    for (size_t i = 0; i < 4; ++i) {
      text += i <= group.size() ? kDigits[bits >> (18 - 6 * i) & 63] : '=';
    }
  }
  return text;
}

void SetBytes(std::string_view name,
              const std::optional<std::string_view>& bytes, Json* object) {
  std::string field(name);
  if (!bytes.has_value()) {
    (*object)[field] = nullptr;
  } else if (IsUtf8(*bytes)) {
    (*object)[field] = *bytes;
  } else {
    (*object)[field + "_base64"] = Base64(*bytes);
  }
}

Json ToJson(const RecordView& record) {
  Json object;
  object["topic"] = record.topic();
  object["partition"] = record.partition();
  object["offset"] = record.offset();
  object["create_time"] = ShowTime(record.create_time());
  object["append_time"] = ShowTime(record.append_time());
  SetBytes("key", record.key(), &object);
  SetBytes("value", record.value(), &object);
  Json headers = Json::array();
  for (const Header& header : record.headers()) {
    Json entry;
    SetBytes("name", header.name, &entry);
    SetBytes("value", header.value, &entry);
    headers.push_back(std::move(entry));
  }
  object["headers"] = std::move(headers);
  return object;
}

}  // namespace

void AppendRecordText(const RecordView& record,
                      const RecordTextOptions& options, std::string* text) {
  if (options.format == RecordFormat::kJson) {
    *text += ToJson(record).dump();
  } else {
    if (options.format == RecordFormat::kKeyValue) {
      *text += record.key().value_or(options.null_text);
      *text += options.separator;
    }
    *text += record.value().value_or(options.null_text);
  }
  *text += '\n';
}

std::string Preview(std::string_view bytes, size_t size_max) {
  std::string text = "\"";
  for (const char c : bytes.substr(0, size_max)) {
    if (c == '"' || c == '\\') {
      text += fmt::format("\\{}", c);
    } else if (c >= ' ' && c <= '~') {
      text += c;
    } else {
      text += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    }
  }
  text += '"';
  if (bytes.size() > size_max) text += "...";
  return text;
}

}  // namespace tidemark::cli
