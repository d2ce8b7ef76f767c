#ifndef TIDEMARK_TESTS_FAULTS_MORE_SCENARIOS_H_
#define TIDEMARK_TESTS_FAULTS_MORE_SCENARIOS_H_

#include <vector>

#include "crash/scenarios.h"

namespace tidemark::test {

// Those of the crash explorer, and some that read, look at files and give
// memory back, which no crash can spoil.
std::vector<Scenario> ScenariosWithFaults();

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_FAULTS_MORE_SCENARIOS_H_
