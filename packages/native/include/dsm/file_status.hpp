// What the file system knows of a file, by statx(2).
// Not by stat or fstat: as linked today those are symbols of glibc 2.33, and the binary would not
// load on an older system that Node itself supports. statx came with 2.28; it also knows births.
#ifndef DSM_FILE_STATUS_HPP
#define DSM_FILE_STATUS_HPP

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>

namespace dsm {

class FileStatus {
 public:
  // As fstat(2): 0, or -1 and errno.
  int Read(int fd) { return ::statx(fd, "", AT_EMPTY_PATH, kMask, &status_); }

  // As fstatat(2), of a link itself and not of what it leads to.
  int Read(int directory, const char* path) {
    return ::statx(directory, path, AT_SYMLINK_NOFOLLOW, kMask, &status_);
  }

  bool IsRegular() const { return S_ISREG(status_.stx_mode); }
  bool IsDirectory() const { return S_ISDIR(status_.stx_mode); }
  bool IsLink() const { return S_ISLNK(status_.stx_mode); }
  bool IsOurs() const { return status_.stx_uid == ::geteuid(); }
  unsigned Mode() const { return status_.stx_mode & 07777u; }
  uint64_t Links() const { return status_.stx_nlink; }
  uint64_t Bytes() const { return status_.stx_size; }
  uint64_t Inode() const { return status_.stx_ino; }

  bool IsSameFileAs(const FileStatus& other) const {
    return status_.stx_ino == other.status_.stx_ino &&
           status_.stx_dev_major == other.status_.stx_dev_major &&
           status_.stx_dev_minor == other.status_.stx_dev_minor;
  }

  // Unix time in ms of its birth; where that is not kept, of its last change, which is later.
  double BornAtMs() const {
    const auto& time = status_.stx_mask & STATX_BTIME ? status_.stx_btime : status_.stx_ctime;
    return static_cast<double>(time.tv_sec) * 1000 + time.tv_nsec / 1'000'000;
  }

 private:
  static constexpr unsigned kMask = STATX_BASIC_STATS | STATX_BTIME;
  struct statx status_ {};
};

}  // namespace dsm

#endif
