// Tests of the headers that need no JavaScript: a program, which prints one line for each check
// that holds and ends with 1 at the first that does not.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "dsm/allocate.hpp"
#include "dsm/file_status.hpp"
#include "dsm/huge_pages.hpp"
#include "dsm/mechanism.hpp"
#include "dsm/quarantine.hpp"
#include "dsm/unique_fd.hpp"
#include "system_calls.hpp"

namespace {

bool AreSignalsFree() {
  sigset_t mask;
  sigprocmask(SIG_SETMASK, nullptr, &mask);
  return sigismember(&mask, SIGPROF) == 0 && sigismember(&mask, SIGUSR1) == 0;
}

void Check(bool holds, const char* sentence) {
  std::printf("%s %s\n", holds ? "ok" : "NOT OK", sentence);
  if (!holds) std::exit(1);
}

constexpr size_t kMiB = size_t{1} << 20;
constexpr dsm::Pages kSmall = dsm::Pages::kSmall;
constexpr dsm::Pages kHuge = dsm::Pages::kHuge;

dsm::UniqueFd TemporaryFile() {
  char path[] = "/dev/shm/dsm-test-XXXXXX";
  dsm::UniqueFd fd(mkstemp(path));
  ::unlink(path);
  return fd;
}

uint64_t BytesOf(const dsm::UniqueFd& fd) {
  dsm::FileStatus status;
  status.Read(fd.Get());
  return status.Bytes();
}

void TestAllocateFile() {
  const dsm::UniqueFd fd = TemporaryFile();
  chunks.clear();
  Check(!dsm::AllocateFile(fd.Get(), 70 * kMiB, nullptr, nullptr, kSmall), "70 MiB are allocated");
  Check(chunks == std::vector<size_t>{32 * kMiB, 32 * kMiB, 6 * kMiB}, "in chunks of 32 MiB");
  Check(BytesOf(fd) == 70 * kMiB, "to the byte");
  Check(signals_blocked && AreSignalsFree(), "signals are blocked during chunks, and only then");

  const dsm::UniqueFd odd = TemporaryFile();
  Check(!dsm::AllocateFile(odd.Get(), 5000, nullptr, nullptr, kSmall), "5000 bytes are allocated");
  Check(BytesOf(odd) == 5000, "and no more are shown");

  fallocate_results.assign(1000, EINTR);
  Check(!dsm::AllocateFile(odd.Get(), 9000, nullptr, nullptr, kSmall), "EINTR is retried, always");

  fallocate_results = {ENOSPC, 0};  // the second chunk fails
  const dsm::UniqueFd full = TemporaryFile();
  const dsm::Failure failure =
      dsm::AllocateFile(full.Get(), 64 * kMiB, nullptr, "buy more", kSmall);
  Check(failure.error == ENOSPC, "a full file system is ENOSPC");
  Check(failure.advice.find(" bytes are free there; buy more") != std::string::npos,
        "with the room that there is");
  Check(BytesOf(full) == 0, "and the file gives back what it had");

  chunks.clear();
  Check(dsm::AllocateFile(full.Get(), size_t{1} << 50, nullptr, nullptr, kSmall).error == ENOSPC,
        "what can never fit is refused");
  Check(chunks.empty(), "before anything is filled");

  dsm::CancelFlag cancelled{true};
  Check(dsm::AllocateFile(full.Get(), kMiB, &cancelled, nullptr, kSmall).error == ECANCELED,
        "a cancelled allocation says so");
  Check(BytesOf(full) == 0, "and leaves the file empty");
}

bool IsZero(const dsm::UniqueFd& fd, size_t size) {
  void* address = dsm::MapShared(fd.Get(), 0, size);
  const char* const bytes = static_cast<char*>(address);
  const bool zero = std::all_of(bytes, bytes + size, [](char byte) { return byte == 0; });
  ::munmap(address, size);
  return zero;
}

void TestHugePages() {
  for (const size_t offset : {size_t{0}, size_t{4096}, 3 * kMiB}) {
    const auto at = reinterpret_cast<uintptr_t>(dsm::HugeAligned(offset, 5 * kMiB));
    Check(at != 0 && (at - offset) % dsm::kHugePageBytes == 0, "addresses go with offsets");
  }

  const dsm::UniqueFd fd = TemporaryFile();
  chunks.clear();
  Check(!dsm::AllocateFile(fd.Get(), 5 * kMiB + 1, nullptr, nullptr, kHuge), "5 MiB and a byte");
  Check(collapses == 1 && chunks == std::vector<size_t>{1, 1, 5 * kMiB + 1}, "two of them huge");
  Check(BytesOf(fd) == 5 * kMiB + 1 && IsZero(fd, 5 * kMiB + 1), "all of them zero");

  const dsm::UniqueFd small = TemporaryFile();
  Check(!dsm::AllocateFile(small.Get(), 2 * kMiB - 1, nullptr, nullptr, kHuge), "a byte less");
  Check(collapses == 1, "has no huge page");

  collapse_results = {EINVAL};
  const dsm::UniqueFd refused = TemporaryFile();
  Check(!dsm::AllocateFile(refused.Get(), 70 * kMiB, nullptr, nullptr, kHuge), "an older kernel");
  Check(collapses == 2 && BytesOf(refused) == 70 * kMiB, "is asked once");

  fallocate_results = {ENOSPC, ENOSPC};  // the first page, and then all of them
  const dsm::UniqueFd full = TemporaryFile();
  Check(dsm::AllocateFile(full.Get(), 4 * kMiB, nullptr, nullptr, kHuge).error == ENOSPC,
        "a full file system is ENOSPC here, too");
  Check(BytesOf(full) == 0, "and the file gives back what it had");
}

void TestPopulateRange() {
  const auto make = [] {
    void* address = ::mmap(nullptr, 40 * kMiB, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return dsm::Range{address, 40 * kMiB};
  };
  dsm::Range range = make();
  chunks.clear();
  Check(!dsm::PopulateRange(range, nullptr), "40 MiB without a file are populated");
  Check(chunks == std::vector<size_t>{32 * kMiB, 8 * kMiB}, "in chunks");
  madvise_results = {EINTR, EAGAIN, EINTR};
  Check(!dsm::PopulateRange(range, nullptr), "EINTR and EAGAIN are retried");
  madvise_results = {EINVAL};
  Check(!dsm::PopulateRange(range, nullptr), "an older kernel reserves nothing, and that is all");
  madvise_results = {EFAULT, 0};
  Check(dsm::PopulateRange(range, nullptr).error == ENOMEM, "memory that cannot be had is ENOMEM");
  dsm::CancelFlag cancelled{true};
  Check(dsm::PopulateRange(range, &cancelled).error == ECANCELED, "cancelling is heeded");
  range.Unmap();
  Check(!range && signals_blocked && AreSignalsFree(), "with signals as with files");
}

dsm::Range Reserve(size_t length) {
  return {::mmap(nullptr, length, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
          length};
}

bool IsMapped(const dsm::Range& range) {
  unsigned char resident = 0;
  return ::mincore(range.address, 1, &resident) == 0;
}

void TestQuarantine() {
  const dsm::Range first = Reserve(4096);
  dsm::Quarantine::Put(first);
  Check(IsMapped(first), "a range in quarantine stays mapped");
  seconds_ahead = dsm::Quarantine::kAgeSecondsMax + 2;
  const dsm::Range second = Reserve(4096);
  dsm::Quarantine::Put(second);
  Check(!IsMapped(first) && IsMapped(second), "an old one goes when another comes");
  for (size_t i = 0; i < dsm::Quarantine::kCountMax; i += 1) dsm::Quarantine::Put(Reserve(4096));
  Check(dsm::Quarantine::Count() == dsm::Quarantine::kCountMax, "their number is bounded");
  Check(!IsMapped(second), "the oldest goes first");
  for (int i = 0; i < 100; i += 1) dsm::Quarantine::Put(Reserve(size_t{1} << 30));
  Check(dsm::Quarantine::Count() == 64, "their bytes are bounded");
  const dsm::Range huge = Reserve(dsm::Quarantine::kBytesMax * 2);
  dsm::Quarantine::Put(huge);
  Check(dsm::Quarantine::Count() == 1 && IsMapped(huge), "the newest stays, whatever its length");
}

void TestUniqueFd() {
  dsm::UniqueFd fd = TemporaryFile();
  const int number = fd.Get();
  dsm::UniqueFd moved = std::move(fd);
  Check(!fd.IsOpen() && moved.Get() == number, "a moved descriptor has one owner");
  errno = EEXIST;
  moved.Reset();
  Check(errno == EEXIST && ::fcntl(number, F_GETFD) == -1, "closing keeps errno");
  dsm::UniqueFd other = TemporaryFile();
  const int released = other.Release();
  Check(!other.IsOpen() && ::close(released) == 0, "a released descriptor is the caller's");
}

void TestEvidence() {
  dsm::Evidence evidence;
  evidence.recorded_at_ms = 1'000'000;
  Check(evidence.IsMadeSince(998'000), "clocks may lag two seconds");
  Check(!evidence.IsMadeSince(997'999), "what is older was not made by whom we mean");
}

void TestResidue() {
  const dsm::Range range = Reserve(4096);
  dsm::Residue first(range, 4096);
  dsm::Residue second = std::move(first);
  Check(IsMapped(range) && !first.range, "a moved residue keeps its memory");
  second = dsm::Residue();
  Check(!IsMapped(range), "a residue that is replaced lets go of it");
}

}  // namespace

int main() {
  TestAllocateFile();
  TestHugePages();
  TestPopulateRange();
  TestQuarantine();
  TestUniqueFd();
  TestEvidence();
  TestResidue();
  return 0;
}
