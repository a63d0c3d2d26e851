// What every interposed function does: asks whether this use is the one to fail, and else goes on
// to libc's own.
// What it is not: a list of functions. Those are in calls_by_path.cc and calls_by_number.cc.
#ifndef DSM_CAMPAIGN_INTERPOSE_HPP
#define DSM_CAMPAIGN_INTERPOSE_HPP

#include <dlfcn.h>

#include <cerrno>
#include <cstdarg>

#include "fault.hpp"

#define SEEN extern "C" __attribute__((visibility("default")))
#define CALLER __builtin_return_address(0)

namespace campaign {

// libc's own.
template <class F>
F* Next(F*, const char* name) {
  return reinterpret_cast<F*>(::dlsym(RTLD_NEXT, name));
}

// 0: the call is to be made. Else errno is set.
inline int Fails(Call call, bool ours) {
  const int error = ours ? Faults::Count(call) : 0;
  if (error > 0) errno = error;
  return error;
}

inline int ByCaller(Call call, const void* caller) {
  return Faults::IsArmed() ? Fails(call, Faults::IsFromAddon(caller)) : 0;
}

inline int ByPath(Call call, const void* caller, const char* path) {
  if (!Faults::IsArmed()) return 0;
  return Fails(call, Faults::IsFromAddon(caller) || Faults::IsWatched(path));
}

inline int ByDescriptor(Call call, const void* caller, int fd) {
  if (!Faults::IsArmed()) return 0;
  return Fails(call, Faults::IsFollowed(fd) || Faults::IsFromAddon(caller));
}

}  // namespace campaign

#endif
