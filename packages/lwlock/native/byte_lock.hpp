// Open-file-description locks (F_OFD_SETLK) on ranges of one descriptor: the system calls.
// Such a lock belongs to the open file description, not to the process: the kernel drops it when
// the last descriptor of that description goes, that is at death, whatever the death. Closing
// another descriptor of the same file leaves it alone, unlike POSIX's F_SETLK.
// What it is not: aware of itself. F_OFD_GETLK never reports a lock of the asking description.
#ifndef DSM_LWLOCK_BYTE_LOCK_HPP
#define DSM_LWLOCK_BYTE_LOCK_HPP

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "dsm/error.hpp"

// Older macOS headers lack the names; its kernels have had the calls since 10.11.
#if !defined(F_OFD_SETLK) && defined(__APPLE__)
#define F_OFD_SETLK 90
#define F_OFD_GETLK 92
#endif

namespace dsm {

#if defined(F_OFD_SETLK)
constexpr int kSetLock = F_OFD_SETLK;
constexpr int kGetLock = F_OFD_GETLK;
#else
constexpr int kSetLock = -1;  // fcntl answers EINVAL, and the probe says "does not work"
constexpr int kGetLock = -1;
#endif

inline struct flock RangeOf(int64_t start, int64_t length, int type) {
  struct flock range = {};
  range.l_type = static_cast<short>(type);
  range.l_whence = SEEK_SET;
  range.l_start = static_cast<off_t>(start);
  range.l_len = static_cast<off_t>(length);
  return range;
}

// Write lock on one byte. *taken is false if another description holds it.
inline Failure TakeByte(int fd, int64_t offset, bool* taken) {
  struct flock range = RangeOf(offset, 1, F_WRLCK);
  *taken = ::fcntl(fd, kSetLock, &range) == 0;
  if (*taken || errno == EAGAIN || errno == EACCES) return Failure();
  return Failure::Here("lock", "fcntl");
}

inline Failure DropByte(int fd, int64_t offset) {
  struct flock range = RangeOf(offset, 1, F_UNLCK);
  if (::fcntl(fd, kSetLock, &range) == 0) return Failure();
  return Failure::Here("lock", "fcntl");
}

// *held is the first byte of [start, end) that another description holds, or -1. The kernel reports
// some conflicting lock, not the lowest, so the part before each answer is asked again.
inline Failure FirstHeldByte(int fd, int64_t start, int64_t end, int64_t* held) {
  *held = -1;
  while (start < end) {
    struct flock range = RangeOf(start, end - start, F_WRLCK);
    if (::fcntl(fd, kGetLock, &range) != 0) return Failure::Here("lock", "fcntl");
    if (range.l_type == F_UNLCK) break;
    const int64_t found = static_cast<int64_t>(range.l_start);
    *held = found < start ? start : found;
    end = *held;
  }
  return Failure();
}

inline Failure AnyHeldByte(int fd, int64_t start, int64_t length, bool* held) {
  struct flock range = RangeOf(start, length, F_WRLCK);
  if (::fcntl(fd, kGetLock, &range) != 0) return Failure::Here("lock", "fcntl");
  *held = range.l_type != F_UNLCK;
  return Failure();
}

}  // namespace dsm

#endif
