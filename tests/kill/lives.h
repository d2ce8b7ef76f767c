#ifndef TIDEMARK_TESTS_KILL_LIVES_H_
#define TIDEMARK_TESTS_KILL_LIVES_H_

#include <functional>
#include <string>
#include <vector>

#include "kill/life_host.h"

namespace tidemark::test {

// The life of a host, which is killed at each of its calls.
struct Life {
  std::string name;
  ProcessDurability durability = ProcessDurability::kSharedMemory;
  std::function<void(LifeHost&)> run;
  // What another host did before, which is not killed there; none if empty.
  std::function<void(LifeHost&)> before = nullptr;
  // What that one wrote last was torn.
  bool is_torn = false;
  // With the store's threads and the system's clock: no two runs are the same.
  bool has_threads = false;
  bool is_padded = false;
};

// How its store is opened; `memory` is a directory on tmpfs.
StoreOptions OptionsOf(const Life& life, const std::string& memory);

std::vector<Life> AllLives();

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_KILL_LIVES_H_
