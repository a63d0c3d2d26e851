// Where covered address ranges wait before they are unmapped for good.
// Why: a thread of Node's pool may still work on a buffer that JavaScript has detached, as
// crypto.randomFill and zlib do. It then reads zeros from anonymous pages laid over the range; were
// the range unmapped, it would die, or worse, write into whatever was mapped there next.
// What it is not: a pool for reuse, and not memory. A range here holds no page unless such a job
// wrote one; only addresses are spent, and three bounds end even that.
// Static, shared by all environments (threads) of the process, and never destroyed: an addon is
// never unloaded (`-z nodelete`), and no static here has a destructor.
#ifndef DSM_QUARANTINE_HPP
#define DSM_QUARANTINE_HPP

#include <pthread.h>
#include <sys/mman.h>
#include <time.h>

#include <cstddef>

namespace dsm {

struct Range {
  void* address = nullptr;
  size_t length = 0;

  explicit operator bool() const { return address != nullptr; }

  void Unmap() {
    if (address) ::munmap(address, length);
    *this = Range{};
  }
};

class Quarantine {
 public:
  static constexpr size_t kCountMax = 4096;
  static constexpr size_t kBytesMax = size_t{64} << 30;  // a small address space has 2^39
  static constexpr time_t kAgeSecondsMax = 60;

  // Takes a range over. Unmaps the oldest ones while there are too many, too much, or too old.
  // The newest stays, whatever its length.
  static void Put(Range range) {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    ::pthread_mutex_lock(&mutex_);
    if (count_ == kCountMax) DropOldest();
    entries_[(first_ + count_) % kCountMax] = Entry{range, now.tv_sec};
    count_ += 1;
    bytes_ += range.length;
    while (count_ > 1 && (bytes_ > kBytesMax || IsOld(now.tv_sec))) DropOldest();
    ::pthread_mutex_unlock(&mutex_);
  }

  static size_t Count() {
    ::pthread_mutex_lock(&mutex_);
    const size_t count = count_;
    ::pthread_mutex_unlock(&mutex_);
    return count;
  }

 private:
  struct Entry {
    Range range;
    time_t since;
  };

  static bool IsOld(time_t now) { return now - entries_[first_].since > kAgeSecondsMax; }

  static void DropOldest() {
    bytes_ -= entries_[first_].range.length;
    entries_[first_].range.Unmap();
    first_ = (first_ + 1) % kCountMax;
    count_ -= 1;
  }

  static inline pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  static inline Entry entries_[kCountMax];
  static inline size_t first_ = 0;
  static inline size_t count_ = 0;
  static inline size_t bytes_ = 0;
};

}  // namespace dsm

#endif
