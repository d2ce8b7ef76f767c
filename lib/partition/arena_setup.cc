#include "partition/arena_setup.h"

#include <array>
#include <bit>
#include <string>
#include <string_view>
#include <utility>

#include "base/checksum.h"
#include "base/status_macros.h"
#include "fmt/core.h"
#include "fmt/ostream.h"
#include "partition/arena_format.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

using namespace arena_format;

constexpr char kNamePrefix[] = "tidemark-arena-";

// Behind it stand the digits of a random Id128.
std::string NamePrefix(const Id128& store_id) {
  return kNamePrefix + ToHex(store_id).substr(0, 16) + "-";
}

absl::StatusOr<std::string> NewName(Env& env, const Id128& store_id) {
  std::array<std::byte, 16> random;
  TIDEMARK_RETURN_IF_ERROR(env.FillRandom(random));
  return NamePrefix(store_id) + ToHex(Id128{random});
}

// Whether NewName makes such names. Nothing else that a STORE names, which may
// come from anywhere, is opened or unlinked.
bool IsArenaName(std::string_view name, const Id128& store_id) {
  const std::string prefix = NamePrefix(store_id);
  if (!name.starts_with(prefix)) return false;
  name.remove_prefix(prefix.size());
  return name.size() == ToHex(Id128()).size() &&
         name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

absl::Status LockNewArena(Directory& directory, const std::string& name,
                          std::unique_ptr<File>* lock) {
  TIDEMARK_ASSIGN_OR_RETURN(*lock,
                            directory.OpenFile(name, FileAccess::kReadWrite));
  TIDEMARK_ASSIGN_OR_RETURN(const bool is_locked, (*lock)->TryLock(0, 0));
  return is_locked
             ? absl::OkStatus()
             : absl::InternalError("arena: somebody else holds a new file");
}

absl::StatusOr<ArenaMade> MakeShared(
    Env& env, Directory& directory, ArenaPlace place, const ArenaWish& wish,
    const ArenaIdentity& identity, Incarnation incarnation,
    absl::FunctionRef<absl::Status(const ArenaPlace&)> record) {
  ArenaHeader header;
  TIDEMARK_ASSIGN_OR_RETURN(header.boot_id, env.BootId());
  header.block_size = wish.block_size;
  header.store_id = identity.store_id;
  header.lock_device = identity.lock_device;
  header.lock_inode = identity.lock_inode;
  header.incarnation = incarnation;
  header.block_count = wish.size_max / wish.block_size;
  header.first_slab =
      ChunkArena::FirstSlabPosition(wish.size_max, wish.block_size);
  TIDEMARK_ASSIGN_OR_RETURN(place.name, NewName(env, identity.store_id));
  place.boot = Checksum(AsBytes(header.boot_id));
  // The name first: an arena that nobody can find would never be taken over.
  TIDEMARK_RETURN_IF_ERROR(record(place));
  SharedMemoryOptions options;
  options.reserved_size = AlignUp(header.first_slab + wish.size_max, 4096);
  options.is_locked_in_memory = place.kind == ArenaKind::kStoreFile;
  options.is_zero_written = place.kind == ArenaKind::kStoreFile;
  absl::StatusOr<std::unique_ptr<SharedMemory>> created =
      directory.CreateSharedMemory(place.name, options);
  if (!created.ok()) {
    // The name is random: what stands there is ours.
    directory.RemoveFile(place.name).IgnoreError();
    return created.status();
  }
  std::unique_ptr<SharedMemory> memory = *std::move(created);
  std::unique_ptr<File> lock;
  absl::Status status = memory->Grow(header.first_slab);
  if (status.ok()) status = LockNewArena(directory, place.name, &lock);
  if (!status.ok()) {
    memory = nullptr;
    directory.RemoveFile(place.name).IgnoreError();  // the cause is `status`
    return status;
  }
  EncodeArenaHeader(header, memory->mutable_bytes());
  ArenaMade made;
  made.arena = std::make_unique<ChunkArena>(
      ChunkArena::Options{wish.size_max, wish.block_size, std::move(memory)});
  made.lock = std::move(lock);
  made.place = std::move(place);
  made.durability = made.place.kind == ArenaKind::kSharedMemory
                        ? ProcessDurability::kSharedMemory
                        : ProcessDurability::kStoreFile;
  return made;
}

absl::StatusOr<ArenaMade> MakeInSharedMemory(
    Env& env, const ArenaWish& wish, const ArenaIdentity& identity,
    Incarnation incarnation,
    absl::FunctionRef<absl::Status(const ArenaPlace&)> record) {
  if (wish.shared_memory_directory.empty() && !env.IsInInitialPidNamespace()) {
    return absl::FailedPreconditionError(
        "shared memory would go away with this PID namespace; name a directory "
        "that stays");
  }
  TIDEMARK_ASSIGN_OR_RETURN(
      const std::unique_ptr<Directory> directory,
      env.OpenSharedMemoryDirectory(wish.shared_memory_directory));
  if (!directory->is_in_memory()) {
    return absl::FailedPreconditionError(fmt::format(
        "{}: not in memory: shared memory needs a directory on tmpfs",
        directory->path()));
  }
  ArenaPlace place;
  place.kind = ArenaKind::kSharedMemory;
  place.directory = wish.shared_memory_directory;
  return MakeShared(env, *directory, std::move(place), wish, identity,
                    incarnation, record);
}

absl::StatusOr<ArenaMade> MakeInStore(
    Env& env, Directory& root, const ArenaWish& wish,
    const ArenaIdentity& identity, Incarnation incarnation,
    absl::FunctionRef<absl::Status(const ArenaPlace&)> record) {
  ArenaPlace place;
  place.kind = ArenaKind::kStoreFile;
  return MakeShared(env, root, std::move(place), wish, identity, incarnation,
                    record);
}

ArenaMade MakeHeap(const ArenaWish& wish, ProcessDurability durability) {
  ArenaMade made;
  made.arena = std::make_unique<ChunkArena>(
      ChunkArena::Options{wish.size_max, wish.block_size, nullptr});
  made.durability = durability;
  return made;
}

}  // namespace

absl::StatusOr<ArenaMade> MakeArena(
    Env& env, Directory& root, const ArenaWish& wish,
    const ArenaIdentity& identity, Incarnation incarnation,
    absl::FunctionRef<absl::Status(const ArenaPlace&)> record) {
  if (wish.durability.has_value()) {
    switch (*wish.durability) {
      case ProcessDurability::kSharedMemory:
        return MakeInSharedMemory(env, wish, identity, incarnation, record);
      case ProcessDurability::kStoreFile:
        return MakeInStore(env, root, wish, identity, incarnation, record);
      case ProcessDurability::kNone:
      case ProcessDurability::kWriteThrough:
        return MakeHeap(wish, *wish.durability);
    }
  }
  absl::StatusOr<ArenaMade> shared =
      MakeInSharedMemory(env, wish, identity, incarnation, record);
  if (shared.ok()) return shared;
  absl::StatusOr<ArenaMade> in_store =
      MakeInStore(env, root, wish, identity, incarnation, record);
  if (in_store.ok()) {
    in_store->reason = fmt::format("{}", fmt::streamed(shared.status()));
    return in_store;
  }
  ArenaMade heap = MakeHeap(wish, ProcessDurability::kWriteThrough);
  heap.reason = fmt::format("{}; {}", fmt::streamed(shared.status()),
                            fmt::streamed(in_store.status()));
  return heap;
}

absl::Status DeadArena::OpenFile(Env& env, const ArenaPlace& place) {
  if (place.kind == ArenaKind::kSharedMemory) {
    TIDEMARK_ASSIGN_OR_RETURN(own_directory_,
                              env.OpenSharedMemoryDirectory(place.directory));
    directory_ = own_directory_.get();
  }
  TIDEMARK_ASSIGN_OR_RETURN(
      file_, directory_->OpenFile(name_, FileAccess::kReadWrite));
  TIDEMARK_ASSIGN_OR_RETURN(const bool is_locked, file_->TryLock(0, 0));
  if (!is_locked) {
    outcome_ = ArenaOutcome::kLocked;
    detail_ = fmt::format("{}: another process holds it", name_);
    return absl::OkStatus();
  }
  TIDEMARK_ASSIGN_OR_RETURN(const FileStat stat, file_->Stat());
  if (stat.size < kHeaderSize) return absl::OkStatus();
  TIDEMARK_ASSIGN_OR_RETURN(memory_, directory_->OpenSharedMemory(name_));
  return absl::OkStatus();
}

absl::Status DeadArena::Load(Env& env, const ArenaPlace& place,
                             const ArenaIdentity& identity) {
  TIDEMARK_ASSIGN_OR_RETURN(const std::string boot_id, env.BootId());
  const bool is_same_boot = Checksum(AsBytes(boot_id)) == place.boot;
  outcome_ = is_same_boot ? ArenaOutcome::kMissing : ArenaOutcome::kOtherBoot;
  detail_ = is_same_boot ? fmt::format("{}: gone", name_)
                         : fmt::format(
                               "{}: the machine was started again "
                               "since it was in use",
                               name_);
  const absl::Status opened = OpenFile(env, place);
  if (absl::IsNotFound(opened)) return absl::OkStatus();
  TIDEMARK_RETURN_IF_ERROR(opened);
  if (outcome_ == ArenaOutcome::kLocked) return absl::OkStatus();
  const absl::StatusOr<ArenaHeader> header =
      DecodeArenaHeader(memory_ == nullptr ? ByteSpan() : memory_->bytes());
  if (IsNewerFormat(header.status())) return header.status();
  if (!header.ok()) {
    // The owner died before it had written the header, and so before it had
    // given out memory. The name is random and stands in STORE: it is ours.
    is_own_ = true;
    if (is_same_boot) outcome_ = ArenaOutcome::kTakenOver;
    detail_ = fmt::format("{}: never used: {}", name_,
                          fmt::streamed(header.status()));
    return absl::OkStatus();
  }
  if (header->store_id != identity.store_id ||
      header->lock_device != identity.lock_device ||
      header->lock_inode != identity.lock_inode) {
    outcome_ = ArenaOutcome::kForeign;
    detail_ = fmt::format("{}: belongs to another store", name_);
    return absl::OkStatus();
  }
  is_own_ = true;
  if (!is_same_boot || header->boot_id != boot_id) {
    outcome_ = ArenaOutcome::kOtherBoot;
    return absl::OkStatus();
  }
  outcome_ = ArenaOutcome::kTakenOver;
  uint64_t damaged_chunks = 0;
  batches_ = CollectTaken(*header, memory_->bytes(), &damaged_chunks);
  detail_ = fmt::format("{}: {} batches, {} damaged chunks", name_,
                        batches_.size(), damaged_chunks);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<DeadArena>> DeadArena::Open(
    Env& env, Directory& root, const ArenaPlace& place,
    const ArenaIdentity& identity) {
  auto arena = std::unique_ptr<DeadArena>(new DeadArena(root));
  if (place.kind == ArenaKind::kNone) return arena;
  arena->name_ = place.name;
  if (!IsArenaName(place.name, identity.store_id)) {
    arena->outcome_ = ArenaOutcome::kForeign;
    arena->detail_ =
        fmt::format("{}: not the name of an arena of this store", place.name);
    return arena;
  }
  TIDEMARK_RETURN_IF_ERROR(arena->Load(env, place, identity));
  return arena;
}

absl::Status DeadArena::Remove() {
  if (!is_own_ || file_ == nullptr) return absl::OkStatus();
  const absl::Status removed = directory_->RemoveFile(name_);
  return absl::IsNotFound(removed) ? absl::OkStatus() : removed;
}

absl::Status RemoveArena(Env& env, Directory& root, const ArenaPlace& place) {
  if (place.kind == ArenaKind::kNone) return absl::OkStatus();
  absl::Status removed;
  if (place.kind == ArenaKind::kSharedMemory) {
    TIDEMARK_ASSIGN_OR_RETURN(const std::unique_ptr<Directory> directory,
                              env.OpenSharedMemoryDirectory(place.directory));
    removed = directory->RemoveFile(place.name);
  } else {
    removed = root.RemoveFile(place.name);
  }
  return absl::IsNotFound(removed) ? absl::OkStatus() : removed;
}

}  // namespace v0
}  // namespace tidemark
