#ifndef TIDEMARK_LIB_STORE_PROCESS_REGISTRY_H_
#define TIDEMARK_LIB_STORE_PROCESS_REGISTRY_H_

#include <cstdint>

#include "tidemark/export.h"

// The stores that this process has open for writing, by device and inode of
// their LOCK files and of their directories.
//
// The lock of the operating system is what keeps a second owner away; this
// list tells whether the owner is the same process, and catches it where a
// file system gives one lock twice. It is one exported C symbol, so that two
// copies of the library in one process find each other if the linker sees both.
// A forked child starts with an empty list of its own.

extern "C" {

enum TidemarkProcessLockAction {
  TIDEMARK_PROCESS_LOCK_LOOK_UP = 0,
  TIDEMARK_PROCESS_LOCK_TAKE = 1,
  TIDEMARK_PROCESS_LOCK_RELEASE = 2,
};

// Looks up, takes or releases an entry. Returns 1 if the entry was there before
// the call, 0 if not, -1 without memory. Taking one that is there changes
// nothing. Thread-safe.
TIDEMARK_EXPORT int tidemark_process_lock(uint64_t device, uint64_t inode,
                                          int action);

}  // extern "C"

#endif  // TIDEMARK_LIB_STORE_PROCESS_REGISTRY_H_
