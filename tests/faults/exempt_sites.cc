#include "faults/call_sites.h"

namespace tidemark::test {
namespace {

// They hand on to a call that is a place of its own.
constexpr std::string_view kOfALog = "no Env: a store's, a log's or a cursor's";
constexpr std::string_view kOfAFile =
    "no Env: SegmentFile or CursorPages, which hand on to File";
constexpr std::string_view kOfMemory = "no Env: blocks of memory, or a mutex";
// As the compiler pleases; the callers are places of their own.
constexpr std::string_view kTailCall = "may leave no frame; its callers count";
constexpr std::string_view kReadOnly =
    "needs a reader beside a writer: partition_log_follow_test, "
    "topic_catalog_test";
constexpr std::string_view kTooLong =
    "needs a file that somebody else made longer: meta_file_test, "
    "store_file_test";

constexpr Exemption kExemptions[] = {
    {"lib/segment/segment_file.cc", "segment->Reserve(", kOfAFile},
    {"lib/segment/segment_file.cc", "return file_->", kTailCall},
    {"lib/partition/chunk_arena.cc", "blocks_.Allocate(", kOfMemory},
    {"lib/partition/chunk_arena.cc", "memory_->Reserve(",
     "needs memory that was given back and is asked for again: "
     "chunk_arena_test"},
    {"lib/partition/chunk_arena.cc", "memory_->Release(",
     "needs minutes without an append: chunk_arena_test"},
    {"lib/partition/flush_worker.cc", "log->Sync(", kOfALog},
    {"lib/partition/partition.cc", "log_->Sync(", kOfALog},
    {"lib/partition/partition_log.cc", "write_mutex_.Unlock(", kOfMemory},
    {"lib/partition/partition_log_chunks.cc", "arena.Allocate(", kOfMemory},
    {"lib/partition/partition_log_chunks.cc", "write_mutex_.TryLock(",
     kOfMemory},
    {"lib/partition/partition_log_flush.cc", "file.file->Sync", kOfAFile},
    {"lib/partition/log_writer_segments.cc", "active.file->Sync(", kOfAFile},
    {"lib/partition/partition_log_follow.cc", "Stat(", kReadOnly},
    {"lib/partition/meta_file.cc", "(*file)->Stat(", kTooLong},
    {"lib/partition/recovery_repair.cc", "return root_.Sync(directory_)",
     "needs a system without syncfs(2): recovery_faults_test"},
    {"lib/partition/recovery_repair.cc", "segment->Sync", kOfAFile},
    {"lib/partition/segment_batch_reader.cc", "file_->ReadAt(", kOfAFile},
    {"lib/store/name_locks.h", "locks_.Release(", kOfMemory},
    {"lib/store/open_partitions.cc", "log->Close(", kOfALog},
    {"lib/store/store.cc", "engine_->", kOfALog},
    {"lib/store/store_file.cc", "file->Stat(", kTooLong},
    {"lib/store/topic.cc", "state_->Sync(", kOfALog},
    {"lib/store/topic_catalog.cc", "Stat(TopicPath(name))", kReadOnly},
    {"lib/store/unreadable_topics.cc", "log->Close(", kOfALog},
    {"lib/consumer/consumer_cursor.cc", "engine_->Close(", kOfALog},
    {"lib/consumer/cursor_engine.cc", "engine->OpenFile(", kOfALog},
    {"lib/consumer/cursor_engine.cc", "file_->Close(", kOfAFile},
    {"lib/consumer/cursor_file.cc", "pages_->", kOfAFile},
    {"lib/consumer/cursor_file.h", "pages_->Close(", kOfAFile},
    {"lib/consumer/cursor_pages.cc", "return root.Sync(\"\")",
     "needs a store whose cursors/ somebody took away: cursor_file_test"},
    {"lib/consumer/cursor_pages.cc", "return root.CreateFile(path)",
     "needs what a crash left of a creation: cursor_pages_test"},
    {"lib/consumer/subscriber.cc", "cursor_.Close(", kOfALog},
};

}  // namespace

std::span<const Exemption> ExemptSites() { return kExemptions; }

}  // namespace tidemark::test
