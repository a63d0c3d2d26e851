// One owned file descriptor, closed when its owner goes.
// What it is not: checked. close() is called once and its result is dropped: after an error the
// descriptor is gone all the same (Linux), and a retry could close somebody else's.
#ifndef DSM_UNIQUE_FD_HPP
#define DSM_UNIQUE_FD_HPP

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace dsm {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.Release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) Reset(other.Release());
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { Reset(); }

  int Get() const { return fd_; }
  bool IsOpen() const { return fd_ >= 0; }

  // Gives the descriptor away: the caller closes it.
  int Release() { return std::exchange(fd_, -1); }

  // Closes what is held and holds `fd`. Leaves errno as it was: clean-up never hides a first error.
  void Reset(int fd = -1) {
    const int saved = errno;
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
    errno = saved;
  }

 private:
  int fd_ = -1;
};

}  // namespace dsm

#endif
