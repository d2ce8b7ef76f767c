#ifndef TIDEMARK_LIB_CLI_STOP_SIGNALS_H_
#define TIDEMARK_LIB_CLI_STOP_SIGNALS_H_

// The signals that ask the program to come to an end: SIGINT and SIGTERM.
//
// Commands that must not be torn apart catch them, look at IsStopRequested and
// wait for descriptors with the functions below, which a signal ends. Another
// signal after that ends the program at once. Commands that do not catch them
// are simply ended by them, and all functions here behave as if there were no
// signals. For the main thread only.
namespace tidemark::cli {

// A reader of standard output that goes away is an error of write(2) instead
// of a signal.
void IgnoreBrokenPipes();

// Catches the stop signals from here on, except those that whoever started the
// program wants ignored. Call it before other threads start, so that they block
// them.
void CatchStopSignals();
bool CatchesStopSignals();

bool IsStopRequested();

// Wait until read(2) or write(2) would not block. False when they still would
// and a stop is requested.
bool WaitUntilReadable(int descriptor);
bool WaitUntilWritable(int descriptor);

}  // namespace tidemark::cli

#endif  // TIDEMARK_LIB_CLI_STOP_SIGNALS_H_
