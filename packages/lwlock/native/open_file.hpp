// Opens a lock file: ours, private, no link, out of the way of small descriptor numbers.
// What it is not: a lock. And nothing is read from the file or written to it.
#ifndef DSM_LWLOCK_OPEN_FILE_HPP
#define DSM_LWLOCK_OPEN_FILE_HPP

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>

#include "byte_lock.hpp"
#include "dsm/error.hpp"
#include "dsm/file_status.hpp"
#include "dsm/unique_fd.hpp"

namespace dsm {

constexpr int kLowestDescriptor = 65;      // a stray fs.closeSync(small number) does not hit it
constexpr int64_t kProbeOffset = 1LL << 62;  // no caller's: theirs end at 2^53

enum OpenFlags { kCreate = 1, kExclusive = 2 };

inline int OpenRetrying(const char* path, int flags) {
  int fd;
  do {
    fd = ::open(path, flags | O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

// Creates, or opens what is there; between the two the file may come and go, hence the rounds.
inline Failure OpenOrCreate(const char* path, int flags, UniqueFd* file) {
  for (int round = 0; round < 100; round++) {
    if (flags & kCreate) {
      file->Reset(OpenRetrying(path, O_CREAT | O_EXCL));
      if (file->IsOpen()) {
        if (::fchmod(file->Get(), 0600) == 0) return Failure();  // a umask may have taken bits
        return Failure::Here("create", "fchmod");
      }
      if (errno != EEXIST || (flags & kExclusive)) return Failure::Here("create", "open");
    }
    file->Reset(OpenRetrying(path, 0));
    if (file->IsOpen()) return Failure();
    if (errno != ENOENT || !(flags & kCreate)) return Failure::Here("open", "open");
  }
  return Failure::Here("open", "open");
}

inline Failure CheckOurs(int fd, FileStatus* opened) {
  FileStatus& status = *opened;
  if (status.Read(fd) != 0) return Failure::Here("stat", "statx");
  if (!status.IsRegular()) return Failure::Foreign("open", "statx", "not a regular file");
  if (!status.IsOurs()) return Failure::Foreign("open", "statx", "owned by another user");
  if (status.Mode() & 077) {
    Failure failure = Failure::Foreign("open", "statx", "others may read or write it");
    failure.error = EACCES;  // tells insecure from foreign: src/lock-file-error.ts
    failure.advice = "Its mode must be 0600";
    return failure;
  }
  return Failure();
}

inline Failure OpenLockFile(const char* path, int flags, UniqueFd* file, FileStatus* opened) {
  if (Failure failure = OpenOrCreate(path, flags, file)) return failure;
  if (Failure failure = CheckOurs(file->Get(), opened)) return failure;
  const int moved = ::fcntl(file->Get(), F_DUPFD_CLOEXEC, kLowestDescriptor);
  if (moved >= 0) file->Reset(moved);  // else a low limit on descriptors: the number stays
  return Failure();
}

// Do byte locks work on this very file? A lock of one description must show to another one of the
// same file. False where the calls do not exist, and where they are accepted but do nothing.
inline bool ByteLocksWork(int fd, const char* path) {
  UniqueFd other(OpenRetrying(path, 0));
  FileStatus mine, its;
  if (!other.IsOpen() || mine.Read(fd) != 0 || its.Read(other.Get()) != 0) return false;
  if (!mine.IsSameFileAs(its)) return false;
  bool taken = false;
  if (TakeByte(fd, kProbeOffset, &taken)) return false;
  if (!taken) return true;  // somebody else probes at this moment, and is seen
  bool held = false;
  const bool asked = !AnyHeldByte(other.Get(), kProbeOffset, 1, &held);
  DropByte(fd, kProbeOffset);
  return asked && held;
}

}  // namespace dsm

#endif
