#include "stop_signals.h"

#include <poll.h>
#include <signal.h>

#include <array>
#include <cerrno>

namespace tidemark::cli {
namespace {

constexpr std::array<int, 2> kStopSignals = {SIGINT, SIGTERM};

volatile sig_atomic_t is_stop_requested = 0;
bool is_catching = false;
// What the main thread blocks until a stop is requested, except in ppoll.
sigset_t caught_signals;

extern "C" void NoteStop(int /*signal*/) { is_stop_requested = 1; }

bool IsStopPending() {
  sigset_t pending;
  ::sigemptyset(&pending);
  ::sigpending(&pending);
  for (const int signal : kStopSignals) {
    if (::sigismember(&caught_signals, signal) == 1 &&
        ::sigismember(&pending, signal) == 1) {
      return true;
    }
  }
  return false;
}

// ppoll with the signal mask that the program was started with.
int PollUnblocked(pollfd* wanted) {
  sigset_t mask;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  for (const int signal : kStopSignals) {
    if (::sigismember(&caught_signals, signal) == 1) ::sigdelset(&mask, signal);
  }
  return ::ppoll(wanted, 1, nullptr, &mask);
}

// What poll cannot tell, read or write will report as an error.
bool WaitFor(int descriptor, short events) {
  while (true) {
    pollfd wanted = {descriptor, events, 0};
    if (::poll(&wanted, 1, 0) != 0) return true;
    if (IsStopRequested()) return false;
    const int result =
        is_catching ? PollUnblocked(&wanted) : ::poll(&wanted, 1, -1);
    if (result != -1 || errno != EINTR) return true;
  }
}

}  // namespace

void IgnoreBrokenPipes() { ::signal(SIGPIPE, SIG_IGN); }

void CatchStopSignals() {
  ::sigemptyset(&caught_signals);
  for (const int signal : kStopSignals) {
    struct sigaction current = {};
    ::sigaction(signal, nullptr, &current);
    if (current.sa_handler == SIG_IGN) continue;
    struct sigaction action = {};
    action.sa_handler = NoteStop;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigemptyset(&action.sa_mask);
    ::sigaction(signal, &action, nullptr);
    ::sigaddset(&caught_signals, signal);
  }
  ::pthread_sigmask(SIG_BLOCK, &caught_signals, nullptr);
  is_catching = true;
}

bool CatchesStopSignals() { return is_catching; }

bool IsStopRequested() {
  if (!is_catching) return false;
  if (is_stop_requested == 0 && !IsStopPending()) return false;
  // What is pending arrives here; the next signal ends the program.
  ::pthread_sigmask(SIG_UNBLOCK, &caught_signals, nullptr);
  is_stop_requested = 1;
  return true;
}

bool WaitUntilReadable(int descriptor) { return WaitFor(descriptor, POLLIN); }

bool WaitUntilWritable(int descriptor) { return WaitFor(descriptor, POLLOUT); }

}  // namespace tidemark::cli
