#ifndef TIDEMARK_EXPORT_H_
#define TIDEMARK_EXPORT_H_

// Marks what a host may call. The library is compiled with hidden visibility;
// everything without the mark stays inside, also when a host links the archive
// into a shared library of its own.
#if defined(__GNUC__) || defined(__clang__)
#define TIDEMARK_EXPORT __attribute__((visibility("default")))
#else
#define TIDEMARK_EXPORT
#endif

#endif  // TIDEMARK_EXPORT_H_
