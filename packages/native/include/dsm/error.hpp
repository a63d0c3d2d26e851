// A failed system call, on its way to JavaScript.
// What it is not: a DsmError. No addon knows that class; `@dsm/impl` makes one from the fields set
// here (`NativeFailure` in packages/impl/src/system-error.ts), which is the only agreement between
// the two. Whoever stands at the edge to JavaScript throws it.
#ifndef DSM_ERROR_HPP
#define DSM_ERROR_HPP

#include <napi.h>

#include <string>

#include "dsm/failure.hpp"

namespace dsm {

// The JavaScript error for a failure.
inline Napi::Error ToError(Napi::Env env, const Failure& failure) {
  const char* why = failure.foreign ? failure.foreign : failure.insecure;
  std::string message(failure.syscall);
  message += why ? ": " : " failed with errno ";
  message += why ? std::string(why) : std::to_string(failure.error);
  Napi::Error error = Napi::Error::New(env, message);
  Napi::Object fields = error.Value();
  fields.Set("verb", failure.verb);
  fields.Set("syscall", failure.syscall);
  fields.Set("errno", failure.error);
  if (failure.foreign) fields.Set("foreign", failure.foreign);
  if (failure.insecure) fields.Set("insecure", failure.insecure);
  if (!failure.advice.empty()) fields.Set("advice", failure.advice);
  return error;
}

// Throws it in JavaScript. Return to JavaScript at once afterwards.
inline void Throw(Napi::Env env, const Failure& failure) {
  ToError(env, failure).ThrowAsJavaScriptException();
}

}  // namespace dsm

#endif
