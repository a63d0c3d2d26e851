// Which call fails next, and how often each was made: what the interposed functions ask, and the
// addon's functions (campaign.cc) set.
// Only calls of ours count: those made from an addon (*.node), and those that Node makes for our
// TypeScript, told by the path, or by a descriptor of such a path. What V8 and libuv do for
// themselves is neither counted nor failed.
// What it is not: a tracer, as it remembers no arguments; nor a part of dsm: no package loads it.
#ifndef DSM_CAMPAIGN_FAULT_HPP
#define DSM_CAMPAIGN_FAULT_HPP

#include <dlfcn.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

namespace campaign {

// In the order of kCallNames. A name is the function's, without "64".
enum Call : int {
  kOpen, kOpenat, kStatx, kFstat, kFcntl, kIoctl, kFallocate, kFtruncate, kFstatvfs, kMmap,
  kMremap, kMadvise, kMkdir, kMkdirat, kChmod, kFchmod, kFchmodat, kRead, kWrite, kRename,
  kUnlink, kUnlinkat, kRmdir, kScandir, kAccess, kShmget, kShmat, kShmctl, kFutex, kClose,
  kMunmap, kShmdt, kCallCount
};

inline constexpr std::array<const char*, kCallCount> kCallNames = {
    "open",   "openat",   "statx",  "fstat",  "fcntl",    "ioctl", "posix_fallocate", "ftruncate",
    "fstatvfs", "mmap",   "mremap", "madvise", "mkdir",   "mkdirat", "chmod",  "fchmod",
    "fchmodat", "read",   "write",  "rename", "unlink",   "unlinkat", "rmdir", "scandir",
    "access", "shmget",   "shmat",  "shmctl", "futex",    "close", "munmap",   "shmdt"};

// Instead of an errno: half of what was asked for is written, which is no failure.
constexpr int kShortWrite = -1;

class Faults {
 public:
  static constexpr int kDescriptorsMax = 1024;

  // Paths that are ours begin with one of these. Before anything is armed, on one thread.
  static void Watch(std::vector<std::string> prefixes) {
    Paths() = std::move(prefixes);
  }

  // The nth use from now on, from 1, fails with `error`; 0: none does. Counts begin at 0.
  static void Arm(int call, int nth, int error) {
    for (auto& count : counts_) count = 0;
    call_ = call;
    nth_ = nth;
    error_ = error;
    fired_ = false;
    armed_ = true;
  }

  static void Disarm() { armed_ = false; }

  static bool Fired() { return fired_; }
  static int CountOf(int call) { return counts_[static_cast<size_t>(call)]; }

  // One use of a call by one of ours. 0, or what it fails with.
  static int Count(Call call) {
    const int now = ++counts_[call];
    if (call_ != call || nth_ != now) return 0;
    fired_ = true;
    return error_;
  }

  static bool IsArmed() { return armed_; }

  // Made by an addon, which is not this one.
  static bool IsFromAddon(const void* caller) {
    Dl_info from;
    Dl_info self;
    if (::dladdr(caller, &from) == 0 || from.dli_fname == nullptr) return false;
    if (::dladdr(reinterpret_cast<const void*>(&Faults::Arm), &self) == 0) return false;
    const size_t length = std::strlen(from.dli_fname);
    const bool addon = length > 5 && std::strcmp(from.dli_fname + length - 5, ".node") == 0;
    return addon && from.dli_fbase != self.dli_fbase;
  }

  static bool IsWatched(const char* path) {
    for (const std::string& prefix : Paths()) {
      if (std::strncmp(path, prefix.c_str(), prefix.size()) == 0) return true;
    }
    return false;
  }

  // Descriptors that Node opened for us.
  static void Follow(int fd) {
    if (fd >= 0 && fd < kDescriptorsMax) followed_[static_cast<size_t>(fd)] = true;
  }
  static bool IsFollowed(int fd) {
    return fd >= 0 && fd < kDescriptorsMax && followed_[static_cast<size_t>(fd)];
  }
  static void Forget(int fd) {
    if (fd >= 0 && fd < kDescriptorsMax) followed_[static_cast<size_t>(fd)] = false;
  }

 private:
  // Never destroyed: threads may look until the very end.
  static std::vector<std::string>& Paths() {
    static auto* const paths = new std::vector<std::string>();
    return *paths;
  }

  static inline std::atomic<bool> armed_{false};
  static inline std::atomic<bool> fired_{false};
  static inline std::atomic<int> call_{0};
  static inline std::atomic<int> nth_{0};
  static inline std::atomic<int> error_{0};
  static inline std::array<std::atomic<int>, kCallCount> counts_{};
  static inline std::array<std::atomic<bool>, kDescriptorsMax> followed_{};
};

}  // namespace campaign

#endif
