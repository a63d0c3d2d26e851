// The two halves of this package's one addon, each in a file of its own.
#pragma once

#include <napi.h>

namespace campaign {

Napi::Object InitFaults(Napi::Env env, Napi::Object exports);
Napi::Object InitProbe(Napi::Env env, Napi::Object exports);

}  // namespace campaign
