#ifndef TIDEMARK_LIB_STORE_STORE_ROOT_H_
#define TIDEMARK_LIB_STORE_STORE_ROOT_H_

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "store/store_file.h"
#include "store/store_lock.h"
#include "tidemark/clock.h"
#include "tidemark/env.h"
#include "tidemark/store_options.h"

namespace tidemark {
inline namespace v0 {

// The directory of a store, owned.
struct StoreRoot {
  std::unique_ptr<Directory> directory;
  std::unique_ptr<StoreLock> lock;  // null when reading only
  std::unique_ptr<StoreFile> file;
};

// Opens the directory at `path`, takes its lock and reads STORE; creates a
// store where there is none, or only the beginning of one, if the options
// allow. Nothing is created in a directory that holds anything else, and
// nothing at all when reading only.
//
// Errors as Store::Open. After one the next call finishes what this one began.
absl::StatusOr<StoreRoot> OpenStoreRoot(std::string_view path,
                                        const StoreOptions& options, Env& env,
                                        Clock& clock);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_STORE_STORE_ROOT_H_
