// What JavaScript sees: faults, which work where this file is preloaded, and the probe that kills,
// which works everywhere. Neither touches anything until it is told to.
#include "addon.hpp"

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("faults", campaign::InitFaults(env, Napi::Object::New(env)));
  exports.Set("probe", campaign::InitProbe(env, Napi::Object::New(env)));
  return exports;
}

NODE_API_MODULE(campaign, Init)
