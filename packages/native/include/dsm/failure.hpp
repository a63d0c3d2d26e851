// What failed, as system calls tell it: the agreement between every header here and error.hpp,
// which makes a JavaScript error of it. There are no C++ exceptions: a function returns a Failure.
// What it is not: JavaScript. This header needs none, so what includes only it can be tested alone.
#ifndef DSM_FAILURE_HPP
#define DSM_FAILURE_HPP

#include <cerrno>
#include <string>

namespace dsm {

// Default-constructed: nothing failed. Plain data, so that it can cross from the thread pool.
struct Failure {
  const char* verb = nullptr;      // of the closed list: create open stat resize map unmap …
  const char* syscall = nullptr;   // what was called
  int error = 0;                   // positive errno; 0 if `foreign` says what is wrong
  const char* foreign = nullptr;   // the object is there but is not ours; what gave it away
  std::string advice;              // what to do about it, a whole sentence
  const char* insecure = nullptr;  // as `foreign`, of the directory that holds the object

  explicit operator bool() const { return verb != nullptr; }

  // Reads errno, so call it before anything else can change it.
  static Failure Here(const char* verb, const char* syscall) {
    return Of(verb, syscall, errno);
  }

  static Failure Of(const char* verb, const char* syscall, int error) {
    Failure failure;
    failure.verb = verb;
    failure.syscall = syscall;
    failure.error = error;
    return failure;
  }

  static Failure Foreign(const char* verb, const char* syscall, const char* why) {
    Failure failure = Of(verb, syscall, 0);
    failure.foreign = why;
    return failure;
  }

  static Failure Insecure(const char* verb, const char* syscall, const char* why) {
    Failure failure = Of(verb, syscall, 0);
    failure.insecure = why;
    return failure;
  }
};

}  // namespace dsm

#endif
