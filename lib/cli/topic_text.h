#ifndef TIDEMARK_LIB_CLI_TOPIC_TEXT_H_
#define TIDEMARK_LIB_CLI_TOPIC_TEXT_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "tidemark/topic_options.h"

// The options of topics as the command line spells them. Errors do not repeat
// the name.
namespace tidemark::cli {

std::string AckName(Ack ack);
absl::StatusOr<Ack> ParseAck(std::string_view name);

absl::StatusOr<Compression> ParseCompression(std::string_view name);

std::string PartitionerName(PartitionerKind kind);
absl::StatusOr<PartitionerKind> ParsePartitioner(std::string_view name);

// "everything", "1 GiB a partition", "7d", "1 GiB a partition, 7d".
std::string RetentionText(const PartitionOptions& options);

}  // namespace tidemark::cli

#endif  // TIDEMARK_LIB_CLI_TOPIC_TEXT_H_
