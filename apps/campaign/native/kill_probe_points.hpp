// The points at which a victim may be killed, and those of them that are stores: watched pages are
// read-only, a store faults, is counted, and is done in a single step of the processor, or by the
// handler if it is one of a whole range.
// All of it is of one process, the victim, and runs in signal handlers too; of one thread at a
// time, but that the thread pool forgets a range that it frees.
#ifndef DSM_CAMPAIGN_KILL_PROBE_POINTS_HPP
#define DSM_CAMPAIGN_KILL_PROBE_POINTS_HPP

#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <csignal>

#include "kill_probe_page.hpp"
#include "kill_probe_raw.hpp"
#include "kill_probe_string.hpp"

namespace {

struct Range {
  uintptr_t start = 0;
  size_t length = 0;
  Kind kind = kNone;  // kNone: shared memory whose stores are the user's
  bool Overlaps(uintptr_t from, size_t bytes) const {
    return length != 0 && from < start + length && start < from + bytes;
  }
};


Page* page = nullptr;
constexpr size_t kRangesMax = 256;
Range ranges[kRangesMax];
size_t control_bytes = 0;
size_t region_bytes = 0;
bool armed = false;
uint32_t shadow[kControlWordsMax];
bool shadow_known = false;
// Where the last counted store goes; the only words that may have changed at the next point.
uintptr_t stored_at = 0;
// The instruction that is being stepped.
greg_t stepped = 0;

size_t PageUp(size_t bytes) { return (bytes + 4095) & ~size_t{4095}; }

void Protect(const Range& range, int protection) {
  if (range.kind != kNone) {
    Raw(SYS_mprotect, static_cast<long>(range.start), static_cast<long>(range.length), protection);
  }
}

void ProtectAll(int protection) {
  for (const Range& range : ranges) Protect(range, protection);
}

const Range* Control() {
  for (const Range& range : ranges) {
    if (range.length != 0 && range.kind == kControl) return &range;
  }
  return nullptr;
}

void Watch(uintptr_t start, size_t length, Kind kind) {
  const size_t bytes = PageUp(length);
  if (kind == kNone && control_bytes != 0 && bytes == PageUp(control_bytes)) kind = kControl;
  if (kind == kNone && region_bytes != 0 && bytes == PageUp(region_bytes)) kind = kRegion;
  for (Range& range : ranges) {
    if (range.length != 0 && range.start != start) continue;
    if (range.start == start && range.kind != kNone && kind == kNone) return;
    range = Range{start, bytes, kind};
    if (armed) Protect(range, PROT_READ);
    return;
  }
  page->overflow = 1;
}

bool Forget(uintptr_t start, size_t length) {
  bool known = false;
  for (Range& range : ranges) {
    if (!range.Overlaps(start, length)) continue;
    if (range.kind == kControl) shadow_known = false;
    range = Range{};
    known = true;
  }
  return known;
}

bool IsKnown(uintptr_t start, size_t length) {
  for (const Range& range : ranges) {
    if (range.Overlaps(start, length)) return true;
  }
  return false;
}

// Any word that differs from the copy and is not where the last point said it would store.
uint64_t Look() {
  const Range* control = Control();
  if (control == nullptr) return 0;
  const auto* words = reinterpret_cast<const volatile uint32_t*>(control->start);
  const size_t count = control_bytes / 4 < kControlWordsMax ? control_bytes / 4 : kControlWordsMax;
  uint64_t hash = 0xcbf29ce484222325;
  for (size_t index = 0; index < count; index++) {
    const uint32_t word = words[index];
    const uintptr_t address = control->start + index * 4;
    const bool expected = stored_at != 0 && address + 4 > stored_at && address < stored_at + 64;
    if (shadow_known && word != shadow[index] && !expected && page->unseen++ == 0) {
      page->unseenWord = static_cast<int32_t>(index);
    }
    shadow[index] = word;
    hash = (hash ^ word) * 0x100000001b3;
  }
  shadow_known = true;
  return hash;
}

void Point(Kind kind, int32_t code) {
  const int32_t number = ++page->events;
  if (number == page->killAt) {
    Raw(SYS_kill, Raw(SYS_getpid), SIGKILL);
    for (;;) Raw(SYS_pause);
  }
  if (number > kTraceMax) {
    page->overflow = 1;
    return;
  }
  const uint64_t hash = page->recording ? Look() : 0;
  page->trace[number - 1] = {kind, code, static_cast<uint32_t>(hash),
                             static_cast<uint32_t>(hash >> 32)};
  stored_at = 0;
}

void OnStore(int, siginfo_t* info, void* context) {
  auto* registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  const auto address = reinterpret_cast<uintptr_t>(info->si_addr);
  for (const Range& range : ranges) {
    if (!range.Overlaps(address, 1) || range.kind == kNone || !armed) continue;
    const auto word = static_cast<int32_t>((address - range.start) / 4);
    Point(range.kind, word);
    if (range.kind == kControl) {
      stored_at = address & ~uintptr_t{3};
      if (word == page->announced) {
        page->announced = -1;
      } else if (word != page->lockWord && page->unannounced++ == 0) {
        page->unannouncedWord = word;
      }
    }
    Protect(range, PROT_READ | PROT_WRITE);
    if (DoStringInstruction(registers, range.start, range.length)) {
      ProtectAll(PROT_READ);
      return;
    }
    stepped = registers[REG_RIP];
    registers[REG_EFL] |= 0x100;  // the trap flag: one instruction, then SIGTRAP
    return;
  }
  signal(SIGSEGV, SIG_DFL);  // not ours: it faults again, and ends the process
}

// An instruction that fills or copies more than the range it began in is stepped once for each of
// its parts.
void OnStep(int, siginfo_t*, void* context) {
  auto* registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  if (registers[REG_RIP] == stepped) return;
  registers[REG_EFL] &= ~0x100L;
  if (armed) ProtectAll(PROT_READ);
}

}  // namespace

#endif
