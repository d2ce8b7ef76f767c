#ifndef TIDEMARK_TESTS_FAULTS_ERRNO_TABLE_H_
#define TIDEMARK_TESTS_FAULTS_ERRNO_TABLE_H_

#include <string>
#include <vector>

#include "tidemark/testing/fault_env.h"

namespace tidemark::test {

// The error numbers that the manual pages of the system calls behind a call
// list, and those that a network file system adds: EIO and ESTALE.
//
// Without EBADF, EFAULT and the like, which only a bug of ours can cause, and
// without ENAMETOOLONG, EISDIR and ETXTBSY, which names of a store cannot meet.
const std::vector<int>& ErrorsOf(EnvCall kind);

// The first of the errors of a call which the library cannot tell from this
// one, since they become a Status of the same code and reason.
int ClassOf(EnvCall kind, int error);

// The errors of a call that the library can tell from each other.
std::vector<int> ClassesOf(EnvCall kind);

// "ENOSPC".
std::string ErrorName(int error);

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_FAULTS_ERRNO_TABLE_H_
