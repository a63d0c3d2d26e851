// Pages of 2 MiB for large files of a tmpfs: one first touch instead of 512, one entry of the
// processor's translation cache, and memory that is made, filled and freed several times as fast.
// Why like this: a tmpfs gives huge pages only where it was mounted for them, which nobody does.
// MADV_COLLAPSE (Linux 6.1) asks for them outright: of an extent that has a single page in place it
// makes one huge page, and zeroes the rest. What the administrator denied stays denied.
// What it is not: a promise, or an error ever. What the kernel will not do is done in small pages.
#ifndef DSM_HUGE_PAGES_HPP
#define DSM_HUGE_PAGES_HPP

#include <fcntl.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstdint>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

namespace dsm {

// Where small pages are of 4 KiB. Elsewhere they are larger, and too large for most segments.
constexpr size_t kHugePageBytes = size_t{2} << 20;

// What a file is made of: huge pages as far as that goes, or small ones only.
enum class Pages { kSmall, kHuge };

// A free address at which byte `offset` of a file could stand within a huge page. A wish: whoever
// takes it first has it, so it is never mapped over by force. Null: anywhere.
inline void* HugeAligned(size_t offset, size_t length) {
  const size_t wide = length + kHugePageBytes;
  void* const room = ::mmap(nullptr, wide, PROT_NONE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (room == MAP_FAILED) return nullptr;
  ::munmap(room, wide);
  const auto start = reinterpret_cast<uintptr_t>(room);
  const uintptr_t ahead = (offset - start) % kHugePageBytes;
  return static_cast<char*>(room) + ahead;
}

// Maps `length` bytes of a file from `offset` on: read and written as others see them. As mmap.
inline void* MapShared(int fd, size_t offset, size_t length) {
  void* const wish = length >= kHugePageBytes ? HugeAligned(offset, length) : nullptr;
  return ::mmap(wish, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, static_cast<off_t>(offset));
}

// Allocates the whole huge pages among these bytes of a file that is long enough already. False:
// not all of them, and asking for more is in vain. `start` is a multiple of their size.
inline bool AllocateHugePages(int fd, size_t start, size_t length) {
  const size_t whole = length - length % kHugePageBytes;
  if (whole == 0) return false;
  for (size_t at = start; at < start + whole; at += kHugePageBytes) {
    if (::posix_fallocate(fd, static_cast<off_t>(at), 1) != 0) return false;
  }
  void* const address = MapShared(fd, start, whole);
  if (address == MAP_FAILED) return false;
  const bool all = ::madvise(address, whole, MADV_COLLAPSE) == 0;
  ::munmap(address, whole);
  return all;
}

}  // namespace dsm

#endif
