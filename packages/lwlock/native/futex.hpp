// The shared futex on one word of an Int32Array: the kernel finds the word by the memory object and
// the place in it, so processes that map it at different addresses meet (no FUTEX_PRIVATE_FLAG).
// What it is not: safe against being cut short. A wait ends when woken, when its time is up, and at
// any signal; the caller looks at the word again.
#ifndef DSM_LWLOCK_FUTEX_HPP
#define DSM_LWLOCK_FUTEX_HPP

#include <napi.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <ctime>

#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace dsm {

// What FutexWait answers; src/native.ts repeats it.
enum class Waited { kWoken = 0, kNotEqual = 1, kTimedOut = 2 };

inline long Futex(int32_t* word, int operation, int32_t value, const timespec* timeout) {
#if defined(__linux__)
  return ::syscall(SYS_futex, word, operation, value, timeout, nullptr, 0);
#else
  (void)word, (void)operation, (void)value, (void)timeout;
  errno = ENOSYS;
  return -1;
#endif
}

#if defined(__linux__)
constexpr int kFutexWait = FUTEX_WAIT;
constexpr int kFutexWake = FUTEX_WAKE;
#else
constexpr int kFutexWait = 0;
constexpr int kFutexWake = 1;
#endif

constexpr int64_t kSecond = 1'000'000'000;  // in nanoseconds
constexpr double kTimeoutMsMax = 1e12;      // 31 years: what is more is as good as that

// Asks the kernel rather than the preprocessor: a sandbox may refuse the call.
inline bool FutexWorks() {
  int32_t word = 0;
  return Futex(&word, kFutexWait, 1, nullptr) < 0 && errno == EAGAIN;
}

// The word's address, or null if the array is detached or the index is none of its own.
inline int32_t* WordAt(const Napi::CallbackInfo& info) {
  auto words = info[0].As<Napi::Int32Array>();
  const int64_t index = info[1].As<Napi::Number>().Int64Value();
  if (index < 0 || static_cast<size_t>(index) >= words.ElementLength()) return nullptr;
  return words.Data() + index;
}

// futexWait(words, index, expected, timeoutMs): Waited. timeoutMs is finite and not negative.
inline Napi::Value FutexWait(const Napi::CallbackInfo& info) {
  int32_t* const word = WordAt(info);
  const int32_t expected = info[2].As<Napi::Number>().Int32Value();
  const double timeout_ms = info[3].As<Napi::Number>().DoubleValue();
  Waited waited = Waited::kNotEqual;
  if (word != nullptr) {
    // In integers: fmod, compiled on a new system, is a symbol of glibc 2.38.
    const auto nanoseconds = static_cast<int64_t>(std::min(timeout_ms, kTimeoutMsMax) * 1e6);
    timespec timeout;
    timeout.tv_sec = static_cast<time_t>(nanoseconds / kSecond);
    timeout.tv_nsec = static_cast<long>(nanoseconds % kSecond);
    const long result = Futex(word, kFutexWait, expected, &timeout);
    if (result == 0 || errno == EINTR) waited = Waited::kWoken;
    else if (errno == ETIMEDOUT) waited = Waited::kTimedOut;
  }
  return Napi::Number::New(info.Env(), static_cast<int>(waited));
}

// futexWake(words, index, count): how many were woken.
inline Napi::Value FutexWake(const Napi::CallbackInfo& info) {
  int32_t* const word = WordAt(info);
  const int64_t count = info[2].As<Napi::Number>().Int64Value();
  const int most = count > INT_MAX ? INT_MAX : static_cast<int>(count);
  const long woken = word == nullptr ? 0 : Futex(word, kFutexWake, most, nullptr);
  return Napi::Number::New(info.Env(), woken < 0 ? 0 : static_cast<double>(woken));
}

}  // namespace dsm

#endif
