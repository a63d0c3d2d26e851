// The same binary, loaded as an addon by a process that has it preloaded: there the two are one
// object, and these functions say what the interposed ones do. So one process can live through
// thousands of faults, one after the other. What it is not: of use without LD_PRELOAD.
#include <sys/shm.h>

#include "addon.hpp"
#include "fault.hpp"

namespace campaign {

// watch(prefixes)
static void Watch(const Napi::CallbackInfo& info) {
  const auto list = info[0].As<Napi::Array>();
  std::vector<std::string> prefixes;
  for (uint32_t index = 0; index < list.Length(); index++) {
    prefixes.push_back(Napi::Value(list.Get(index)).As<Napi::String>().Utf8Value());
  }
  Faults::Watch(std::move(prefixes));
}

// arm(call, nth, error): call is an index of `calls`; nth 0: nothing fails, uses are counted.
static void Arm(const Napi::CallbackInfo& info) {
  const auto number = [&info](size_t index) { return info[index].As<Napi::Number>().Int32Value(); };
  Faults::Arm(number(0), number(1), number(2));
}

// disarm() → whether it failed
static Napi::Value Disarm(const Napi::CallbackInfo& info) {
  Faults::Disarm();
  return Napi::Boolean::New(info.Env(), Faults::Fired());
}

// countOf(call) → uses since arm
static Napi::Value CountOf(const Napi::CallbackInfo& info) {
  const int call = info[0].As<Napi::Number>().Int32Value();
  const bool known = call >= 0 && call < kCallCount;
  return Napi::Number::New(info.Env(), known ? Faults::CountOf(call) : 0);
}

// Was it preloaded? Else nothing will ever fail.
static bool IsPreloaded() {
  Dl_info first;
  Dl_info self;
  const void* const shmget_now = ::dlsym(RTLD_DEFAULT, "shmget");
  return ::dladdr(shmget_now, &first) != 0 &&
         ::dladdr(reinterpret_cast<const void*>(&IsPreloaded), &self) != 0 &&
         first.dli_fbase == self.dli_fbase;
}

Napi::Object InitFaults(Napi::Env env, Napi::Object exports) {
  auto calls = Napi::Array::New(env);
  for (uint32_t call = 0; call < kCallCount; call++) calls.Set(call, kCallNames[call]);
  exports.Set("calls", calls);
  exports.Set("preloaded", Napi::Boolean::New(env, IsPreloaded()));
  exports.Set("watch", Napi::Function::New<Watch>(env, "watch"));
  exports.Set("arm", Napi::Function::New<Arm>(env, "arm"));
  exports.Set("disarm", Napi::Function::New<Disarm>(env, "disarm"));
  exports.Set("countOf", Napi::Function::New<CountOf>(env, "countOf"));
  return exports;
}

}  // namespace campaign
