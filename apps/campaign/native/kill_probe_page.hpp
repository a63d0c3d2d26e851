// What a victim and its parent share: src/kill/probe.ts reads the same words.
#ifndef DSM_CAMPAIGN_KILL_PROBE_PAGE_HPP
#define DSM_CAMPAIGN_KILL_PROBE_PAGE_HPP

#include <cstddef>
#include <cstdint>

constexpr int32_t kTraceMax = 16'384;
constexpr size_t kTextMax = 4'032;
constexpr size_t kControlWordsMax = 8'192;

// Of a point: the store to what, or a system call, or the end of the action.
enum Kind : int32_t { kNone, kControl, kRegion, kUser, kCall, kEnd };

struct Entry {
  int32_t kind;
  int32_t code;  // word of the control segment, or number of the system call
  uint32_t hashLow;
  uint32_t hashHigh;
};

struct Page {
  volatile int32_t events;
  volatile int32_t killAt;  // 0: never
  volatile int32_t recording;
  volatile int32_t announced;  // word that the store trap named last; -1: none
  volatile int32_t lockWord;
  volatile int32_t unannounced;
  volatile int32_t unannouncedWord;
  volatile int32_t unseen;
  volatile int32_t unseenWord;
  volatile int32_t overflow;
  volatile int32_t ready;
  volatile int32_t go;
  volatile int32_t outcome;
  volatile int32_t spare[3];
  char text[kTextMax];
  Entry trace[kTraceMax];
};

#endif
