// The functions of libc that take a path, put before libc's own by LD_PRELOAD: those that our
// addons call, and those that Node calls for our TypeScript.
// What it is not: all of libc. Calls that cannot fail, or whose failure has no sense, are not here.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "interpose.hpp"

using campaign::ByPath;
using campaign::Faults;
using campaign::Next;

namespace {

// A descriptor that Node opened for us is ours from now on.
int Followed(int fd, const void* caller, const char* path) {
  if (Faults::IsArmed() && Faults::IsWatched(path) && !Faults::IsFromAddon(caller)) {
    Faults::Follow(fd);
  }
  return fd;
}

mode_t ModeOf(int flags, va_list arguments) {
  return (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

SEEN int open(const char* path, int flags, ...) {
  static auto* const next = Next(&::open, "open");
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  if (ByPath(campaign::kOpen, CALLER, path) != 0) return -1;
  return Followed(next(path, flags, mode), CALLER, path);
}

SEEN int openat(int directory, const char* path, int flags, ...) {
  static auto* const next = Next(&::openat, "openat");
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  if (ByPath(campaign::kOpenat, CALLER, path) != 0) return -1;
  return Followed(next(directory, path, flags, mode), CALLER, path);
}

SEEN int statx(int directory, const char* __restrict path, int flags, unsigned mask,
               struct statx* __restrict status) noexcept {
  static auto* const next = Next(&::statx, "statx");
  if (ByPath(campaign::kStatx, CALLER, path) != 0) return -1;
  return next(directory, path, flags, mask, status);
}

SEEN int mkdir(const char* path, mode_t mode) noexcept {
  static auto* const next = Next(&::mkdir, "mkdir");
  return ByPath(campaign::kMkdir, CALLER, path) != 0 ? -1 : next(path, mode);
}

SEEN int mkdirat(int directory, const char* path, mode_t mode) noexcept {
  static auto* const next = Next(&::mkdirat, "mkdirat");
  return ByPath(campaign::kMkdirat, CALLER, path) != 0 ? -1 : next(directory, path, mode);
}

SEEN int chmod(const char* path, mode_t mode) noexcept {
  static auto* const next = Next(&::chmod, "chmod");
  return ByPath(campaign::kChmod, CALLER, path) != 0 ? -1 : next(path, mode);
}

SEEN int fchmodat(int directory, const char* path, mode_t mode, int flags) noexcept {
  static auto* const next = Next(&::fchmodat, "fchmodat");
  return ByPath(campaign::kFchmodat, CALLER, path) != 0 ? -1 : next(directory, path, mode, flags);
}

SEEN int rename(const char* from, const char* to) noexcept {
  static auto* const next = Next(&::rename, "rename");
  return ByPath(campaign::kRename, CALLER, from) != 0 ? -1 : next(from, to);
}

SEEN int unlink(const char* path) noexcept {
  static auto* const next = Next(&::unlink, "unlink");
  return ByPath(campaign::kUnlink, CALLER, path) != 0 ? -1 : next(path);
}

SEEN int unlinkat(int directory, const char* path, int flags) noexcept {
  static auto* const next = Next(&::unlinkat, "unlinkat");
  return ByPath(campaign::kUnlinkat, CALLER, path) != 0 ? -1 : next(directory, path, flags);
}

SEEN int rmdir(const char* path) noexcept {
  static auto* const next = Next(&::rmdir, "rmdir");
  return ByPath(campaign::kRmdir, CALLER, path) != 0 ? -1 : next(path);
}

SEEN int access(const char* path, int mode) noexcept {
  static auto* const next = Next(&::access, "access");
  return ByPath(campaign::kAccess, CALLER, path) != 0 ? -1 : next(path, mode);
}

#if defined(__GLIBC__)
SEEN int open64(const char* path, int flags, ...) {
  static auto* const next = Next(&::open64, "open64");
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = ModeOf(flags, arguments);
  va_end(arguments);
  if (ByPath(campaign::kOpen, CALLER, path) != 0) return -1;
  return Followed(next(path, flags, mode), CALLER, path);
}

SEEN int scandir64(const char* path, struct dirent64*** names,
                   int (*chosen)(const struct dirent64*),
                   int (*order)(const struct dirent64**, const struct dirent64**)) {
  static auto* const next = Next(&::scandir64, "scandir64");
  return ByPath(campaign::kScandir, CALLER, path) != 0 ? -1 : next(path, names, chosen, order);
}
#endif
