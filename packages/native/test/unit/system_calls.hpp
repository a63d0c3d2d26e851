// System calls that fail on demand, and tell how they were called: the linker takes these before
// libc's. For main.cc alone, which it is part of.
#ifndef DSM_TEST_SYSTEM_CALLS_HPP
#define DSM_TEST_SYSTEM_CALLS_HPP

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>

#include <cerrno>
#include <vector>

#include "dsm/allocate.hpp"

namespace {

std::vector<int> fallocate_results;  // taken from the back; then the real one
std::vector<int> madvise_results;
std::vector<int> collapse_results;
size_t collapses = 0;
std::vector<size_t> chunks;
bool signals_blocked = true;
long seconds_ahead = 0;

int Take(std::vector<int>* results) {
  if (results->empty()) return 0;
  const int result = results->back();
  results->pop_back();
  return result;
}

void NoteSignals(size_t chunk) {
  if (chunk <= dsm::kQuickChunkBytes) return;
  sigset_t mask;
  sigprocmask(SIG_SETMASK, nullptr, &mask);
  signals_blocked &= sigismember(&mask, SIGPROF) == 1 && sigismember(&mask, SIGUSR1) == 1 &&
                     sigismember(&mask, SIGTERM) == 1 && sigismember(&mask, SIGSEGV) == 0;
}

template <class Function>
Function Next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" int posix_fallocate(int fd, off_t offset, off_t length) {
  NoteSignals(static_cast<size_t>(length));
  chunks.push_back(static_cast<size_t>(length));
  if (const int error = Take(&fallocate_results)) return error;
  return Next<int (*)(int, off_t, off_t)>("posix_fallocate")(fd, offset, length);
}

extern "C" int madvise(void* address, size_t length, int advice) noexcept {
  std::vector<int>* results = nullptr;
  if (advice == MADV_POPULATE_WRITE) {
    NoteSignals(length);
    chunks.push_back(length);
    results = &madvise_results;
  } else if (advice == MADV_COLLAPSE) {
    collapses += 1;
    results = &collapse_results;
  }
  if (const int error = results ? Take(results) : 0) {
    errno = error;
    return -1;
  }
  return Next<int (*)(void*, size_t, int)>("madvise")(address, length, advice);
}

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const int result = Next<int (*)(clockid_t, timespec*)>("clock_gettime")(clock, time);
  time->tv_sec += seconds_ahead;
  return result;
}

#endif
