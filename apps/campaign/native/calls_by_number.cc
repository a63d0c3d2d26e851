// The functions of libc that take a descriptor, an address or a key, put before libc's own by
// LD_PRELOAD. close, munmap and shmdt are made, whatever they then say: Linux gives the descriptor
// back even with an error, and a mapping that we kept from going would be our doing.
// What it is not: all of libc. Calls that cannot fail, or whose failure has no sense, are not here.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "interpose.hpp"

using campaign::ByCaller;
using campaign::ByDescriptor;
using campaign::ByPath;
using campaign::Faults;
using campaign::Next;

namespace {

template <class F>
ssize_t Write(const void* caller, int fd, size_t length, F write) {
  const int error = ByDescriptor(campaign::kWrite, caller, fd);
  if (error > 0) return -1;
  return write(error == campaign::kShortWrite ? (length + 1) / 2 : length);
}

// Node aborts where a file that it reads whole cannot be closed: that is not for us to bear.
template <class F>
int Close(const void* caller, int fd, F close) {
  const int error = ByCaller(campaign::kClose, caller);
  Faults::Forget(fd);
  const int result = close();
  if (error == 0) return result;
  errno = error;
  return -1;
}

}  // namespace

SEEN int fstat(int fd, struct stat* status) noexcept {
  static auto* const next = Next(&::fstat, "fstat");
  return ByDescriptor(campaign::kFstat, CALLER, fd) != 0 ? -1 : next(fd, status);
}

SEEN int fcntl(int fd, int command, ...) {
  static auto* const next = Next(&::fcntl, "fcntl");
  va_list arguments;
  va_start(arguments, command);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  if (ByCaller(campaign::kFcntl, CALLER) != 0) return -1;
  const int result = next(fd, command, argument);
  return result;
}

SEEN int ioctl(int fd, unsigned long request, ...) noexcept {
  static auto* const next = Next(&::ioctl, "ioctl");
  va_list arguments;
  va_start(arguments, request);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  return ByCaller(campaign::kIoctl, CALLER) != 0 ? -1 : next(fd, request, argument);
}

SEEN int posix_fallocate(int fd, off_t offset, off_t length) {
  static auto* const next = Next(&::posix_fallocate, "posix_fallocate");
  const int error = ByCaller(campaign::kFallocate, CALLER);
  return error != 0 ? error : next(fd, offset, length);
}

SEEN int ftruncate(int fd, off_t length) noexcept {
  static auto* const next = Next(&::ftruncate, "ftruncate");
  return ByCaller(campaign::kFtruncate, CALLER) != 0 ? -1 : next(fd, length);
}

SEEN int fstatvfs(int fd, struct statvfs* status) noexcept {
  static auto* const next = Next(&::fstatvfs, "fstatvfs");
  return ByCaller(campaign::kFstatvfs, CALLER) != 0 ? -1 : next(fd, status);
}

SEEN void* mmap(void* address, size_t length, int protection, int flags, int fd,
                off_t offset) noexcept {
  static auto* const next = Next(&::mmap, "mmap");
  // Covering a range with anonymous pages is a part of giving it back.
  const bool covers = (flags & MAP_FIXED) != 0;
  if (!covers && ByCaller(campaign::kMmap, CALLER) != 0) return MAP_FAILED;
  return next(address, length, protection, flags, fd, offset);
}

SEEN void* mremap(void* address, size_t before, size_t length, int flags, ...) noexcept {
  static auto* const next = Next(&::mremap, "mremap");
  va_list arguments;
  va_start(arguments, flags);
  void* const where = (flags & MREMAP_FIXED) != 0 ? va_arg(arguments, void*) : nullptr;
  va_end(arguments);
  if (ByCaller(campaign::kMremap, CALLER) != 0) return MAP_FAILED;
  return next(address, before, length, flags, where);
}

SEEN int madvise(void* address, size_t length, int advice) noexcept {
  static auto* const next = Next(&::madvise, "madvise");
  return ByCaller(campaign::kMadvise, CALLER) != 0 ? -1 : next(address, length, advice);
}

SEEN int fchmod(int fd, mode_t mode) noexcept {
  static auto* const next = Next(&::fchmod, "fchmod");
  return ByDescriptor(campaign::kFchmod, CALLER, fd) != 0 ? -1 : next(fd, mode);
}

SEEN ssize_t read(int fd, void* bytes, size_t length) {
  static auto* const next = Next(&::read, "read");
  return ByDescriptor(campaign::kRead, CALLER, fd) != 0 ? -1 : next(fd, bytes, length);
}

SEEN ssize_t write(int fd, const void* bytes, size_t length) {
  static auto* const next = Next(&::write, "write");
  return Write(CALLER, fd, length, [=](size_t part) { return next(fd, bytes, part); });
}

SEEN int shmget(key_t key, size_t size, int flags) noexcept {
  static auto* const next = Next(&::shmget, "shmget");
  return ByCaller(campaign::kShmget, CALLER) != 0 ? -1 : next(key, size, flags);
}

SEEN void* shmat(int id, const void* address, int flags) noexcept {
  static auto* const next = Next(&::shmat, "shmat");
  if (ByCaller(campaign::kShmat, CALLER) != 0) return reinterpret_cast<void*>(-1);
  return next(id, address, flags);
}

SEEN int shmctl(int id, int command, struct shmid_ds* segment) noexcept {
  static auto* const next = Next(&::shmctl, "shmctl");
  return ByCaller(campaign::kShmctl, CALLER) != 0 ? -1 : next(id, command, segment);
}

SEEN int close(int fd) {
  static auto* const next = Next(&::close, "close");
  return Close(CALLER, fd, [=] { return next(fd); });
}

SEEN int munmap(void* address, size_t length) noexcept {
  static auto* const next = Next(&::munmap, "munmap");
  const int error = ByCaller(campaign::kMunmap, CALLER);
  const int result = next(address, length);
  if (error == 0) return result;
  errno = error;
  return -1;
}

SEEN int shmdt(const void* address) noexcept {
  static auto* const next = Next(&::shmdt, "shmdt");
  const int error = ByCaller(campaign::kShmdt, CALLER);
  const int result = next(address);
  if (error == 0) return result;
  errno = error;
  return -1;
}

// The futex has no function of its own, and libuv has its reasons to go this way.
SEEN long syscall(long number, ...) noexcept {
  static auto* const next = Next(&::syscall, "syscall");
  va_list arguments;
  va_start(arguments, number);
  std::array<long, 6> words{};
  for (long& word : words) word = va_arg(arguments, long);
  va_end(arguments);
  const auto go = [&] {
    return next(number, words[0], words[1], words[2], words[3], words[4], words[5]);
  };
  const int fd = static_cast<int>(words[0]);
  const auto* const path = reinterpret_cast<const char*>(words[1]);
  if (number == SYS_futex && ByCaller(campaign::kFutex, CALLER) != 0) return -1;
  if (number == SYS_statx && ByPath(campaign::kStatx, CALLER, path) != 0) return -1;
  if (number == SYS_close) {
    return Close(CALLER, fd, [=] { return static_cast<int>(go()); });
  }
  return go();
}

#if defined(__GLIBC__)
SEEN ssize_t pread64(int fd, void* bytes, size_t length, off64_t offset) {
  static auto* const next = Next(&::pread64, "pread64");
  return ByDescriptor(campaign::kRead, CALLER, fd) != 0 ? -1 : next(fd, bytes, length, offset);
}

SEEN ssize_t pwrite64(int fd, const void* bytes, size_t length, off64_t offset) {
  static auto* const next = Next(&::pwrite64, "pwrite64");
  return Write(CALLER, fd, length, [=](size_t part) { return next(fd, bytes, part, offset); });
}
#endif
