#include "tidemark/record.h"

namespace tidemark {
inline namespace v0 {

HeadersView::Iterator& HeadersView::Iterator::operator++() {
  if (--left_ > 0) Decode();
  return *this;
}

std::optional<std::optional<std::string_view>> HeadersView::Find(
    std::string_view name) const {
  std::optional<std::optional<std::string_view>> found;
  for (const Header& header : *this) {
    if (header.name == name) found.emplace(header.value);
  }
  return found;
}

Record RecordView::ToRecord(std::vector<Header>& headers) const {
  headers.clear();
  headers.reserve(headers_.size());
  for (const Header& header : headers_) headers.push_back(header);
  return {.key = key_,
          .value = value_,
          .headers = headers,
          .create_time = create_time()};
}

OwnedRecord::OwnedRecord(const RecordView& view)
    : topic(view.topic()),
      id(view.id()),
      key(view.key()),
      value(view.value()),
      create_time(view.create_time()),
      append_time(view.append_time()) {
  headers.reserve(view.headers().size());
  for (const Header& header : view.headers()) {
    OwnedHeader& owned = headers.emplace_back();
    owned.name = header.name;
    if (header.value.has_value()) owned.value.emplace(*header.value);
  }
}

}  // namespace v0
}  // namespace tidemark
