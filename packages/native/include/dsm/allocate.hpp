// Giving an object its pages, all of them, before anyone stores into it.
// Why: a file made longer by ftruncate is a promise that a full file system breaks with SIGBUS at
// the first store, which no JavaScript can catch. Here the same fullness is an error of `create`.
// In chunks, with signals blocked during each that takes long enough to meet one: on older kernels
// a signal throws away the whole allocation, and a profiler's timer would make it fail for ever.
// What it is not: bound to a thread. All of it may run on the pool; it changes no name.
#ifndef DSM_ALLOCATE_HPP
#define DSM_ALLOCATE_HPP

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <string>

#include "dsm/failure.hpp"
#include "dsm/huge_pages.hpp"
#include "dsm/quarantine.hpp"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

namespace dsm {

constexpr size_t kChunkBytes = size_t{32} << 20;
constexpr size_t kQuickChunkBytes = size_t{1} << 16;

using CancelFlag = std::atomic<bool>;

inline bool IsCancelled(const CancelFlag* cancelled) {
  return cancelled && cancelled->load(std::memory_order_relaxed);
}

inline Failure Cancelled() { return Failure::Of("create", "abort", ECANCELED); }

// All signals of this thread that can wait. One that the program's own fault raises cannot.
// sigprocmask and pthread_sigmask are one on Linux; the latter is a symbol of glibc 2.32.
class SignalsBlocked {
 public:
  explicit SignalsBlocked(size_t chunk) : needed_(chunk > kQuickChunkBytes) {
    if (!needed_) return;
    sigset_t all;
    ::sigfillset(&all);
    for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT}) ::sigdelset(&all, fault);
    ::sigprocmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() {
    if (needed_) ::sigprocmask(SIG_SETMASK, &before_, nullptr);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  bool needed_;
  sigset_t before_;
};

// How much there was to have. Read after our own share was given back.
inline std::string SpaceAdvice(int fd, int error, const char* hint) {
  if (error == EFBIG) return "A file may not be that long here: see ulimit -f";
  struct statvfs fs{};
  if ((error != ENOSPC && error != EDQUOT) || ::fstatvfs(fd, &fs) != 0) return {};
  const auto bytes = [&fs](fsblkcnt_t blocks) { return std::to_string(blocks * fs.f_frsize); };
  std::string advice = bytes(fs.f_bavail) + " of " + bytes(fs.f_blocks) + " bytes are free there";
  return hint ? advice + "; " + hint : advice;
}

// The length without the bytes; 0 or an errno. What can never fit is refused before it fills all.
inline int Lengthen(int fd, size_t size) {
  struct statvfs fs{};
  if (::fstatvfs(fd, &fs) == 0 && fs.f_blocks > 0 && size / fs.f_frsize > fs.f_bavail) {
    return ENOSPC;
  }
  return ::ftruncate(fd, static_cast<off_t>(size)) == 0 ? 0 : errno;
}

// Makes a new file `size` bytes long, every block in place. A file that failed is empty again.
// One that is not made in a single step gets its length first: who dies on the way leaves 0 bytes
// or `size`.
inline Failure AllocateFile(int fd, size_t size, const CancelFlag* cancelled, const char* hint,
                            Pages pages) {
  bool huge = pages == Pages::kHuge && size >= kHugePageBytes;
  int error = huge || size > kChunkBytes ? Lengthen(fd, size) : 0;
  for (size_t done = 0; error == 0 && done < size && !IsCancelled(cancelled);) {
    const size_t chunk = std::min(kChunkBytes, size - done);
    {
      const SignalsBlocked quiet(chunk);
      huge = huge && AllocateHugePages(fd, done, chunk);
      error = ::posix_fallocate(fd, static_cast<off_t>(done), static_cast<off_t>(chunk));
    }
    if (error == EINTR) {
      error = 0;  // stopped and continued, which nothing can block: the same chunk again
    } else {
      done += chunk;
    }
  }
  if (error == 0 && !IsCancelled(cancelled)) return {};
  const int emptied = ::ftruncate(fd, 0);  // gives the pages back on this thread
  static_cast<void>(emptied);
  if (error == 0) return Cancelled();
  Failure failure = Failure::Of("resize", "posix_fallocate", error);
  failure.advice = SpaceAdvice(fd, error, hint);
  return failure;
}

// The same for memory without a file (System V). Linux has it from 5.14 on; on an older kernel
// nothing is reserved, and memory that runs out later ends in the kernel's hands.
inline Failure PopulateRange(const Range& range, const CancelFlag* cancelled) {
  int error = 0;
  for (size_t done = 0; error == 0 && done < range.length && !IsCancelled(cancelled);) {
    const size_t chunk = std::min(kChunkBytes, range.length - done);
    char* const start = static_cast<char*>(range.address) + done;
    {
      const SignalsBlocked quiet(chunk);
      error = ::madvise(start, chunk, MADV_POPULATE_WRITE) == 0 ? 0 : errno;
    }
    if (error == EINVAL || error == ENOSYS) return {};  // an older kernel
    if (error == EINTR || error == EAGAIN) {
      error = 0;
    } else {
      done += chunk;
    }
  }
  if (error == 0 && !IsCancelled(cancelled)) return {};
  ::madvise(range.address, range.length, MADV_REMOVE);  // gives the pages back on this thread
  if (error == 0) return Cancelled();
  return Failure::Of("resize", "madvise", error == EFAULT ? ENOMEM : error);
}

}  // namespace dsm

#endif
