// Every descriptor of this addon that may hold a byte, so that a child made by fork() without
// exec() closes its copies: a copy would keep the bytes of a dead parent held.
// exec() needs no help (O_CLOEXEC). What it is not: an owner; whoever opened closes.
//
// Foreign code can close a descriptor behind our back, and its number can be another file's then:
// of that one nothing is asked, as nobody would seem to hold a byte, and it is not closed.
#ifndef DSM_LWLOCK_DESCRIPTORS_HPP
#define DSM_LWLOCK_DESCRIPTORS_HPP

#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include "dsm/file_status.hpp"

namespace dsm {

// One link of the list. The descriptor is -1 in a forked child: unusable there.
struct Descriptor {
  int fd = -1;
  FileStatus opened;  // what it was then
  Descriptor* next = nullptr;
  Descriptor* previous = nullptr;

  // 0: it is what was opened. EBADF: it is closed, or another file's. Else what statx(2) says.
  int Look() const {
    FileStatus now;
    if (fd < 0) return EBADF;
    if (now.Read(fd) != 0) return errno;
    return now.IsSameFileAs(opened) ? 0 : EBADF;
  }

  void Close() {
    if (Look() != EBADF) ::close(fd);
    fd = -1;
  }
};

// Plain data and a statically initialised mutex: nothing here has a destructor to run at exit.
struct DescriptorList {
  pthread_mutex_t mutex;
  Descriptor* first;
  bool watching;
};
inline DescriptorList descriptors = {PTHREAD_MUTEX_INITIALIZER, nullptr, false};

inline void BeforeFork() { pthread_mutex_lock(&descriptors.mutex); }
inline void AfterForkInParent() { pthread_mutex_unlock(&descriptors.mutex); }
inline void AfterForkInChild() {
  for (Descriptor* each = descriptors.first; each != nullptr; each = each->next) each->Close();
  pthread_mutex_unlock(&descriptors.mutex);
}

// While one lives no fork() happens: opening a file and listing it are one step for a child.
class ForkGuard {
 public:
  ForkGuard() {
    pthread_mutex_lock(&descriptors.mutex);
    if (!descriptors.watching) {
      descriptors.watching = ::pthread_atfork(BeforeFork, AfterForkInParent, AfterForkInChild) == 0;
    }
  }
  ~ForkGuard() { pthread_mutex_unlock(&descriptors.mutex); }
  ForkGuard(const ForkGuard&) = delete;
  ForkGuard& operator=(const ForkGuard&) = delete;

  bool Watching() const { return descriptors.watching; }

  void Add(Descriptor* one) const {
    one->next = descriptors.first;
    if (one->next != nullptr) one->next->previous = one;
    descriptors.first = one;
  }

  // Closes it too.
  void Remove(Descriptor* one) const {
    one->Close();
    if (one->next != nullptr) one->next->previous = one->previous;
    (one->previous != nullptr ? one->previous->next : descriptors.first) = one->next;
  }
};

}  // namespace dsm

#endif
