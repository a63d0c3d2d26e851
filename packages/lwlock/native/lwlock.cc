// The addon of @dsm/lwlock: kernel byte locks and the futex, and nothing else.
// What it is not: a lock. Who may take what, and when, is decided in TypeScript.
#include <napi.h>

#include "futex.hpp"
#include "lock_file.hpp"

namespace dsm {

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  if (!LockFiles::Attach(env)) return exports;
  exports.Set("open", Napi::Function::New<LockFileOpen>(env, "open"));
  exports.Set("take", Napi::Function::New<LockFileTake>(env, "take"));
  exports.Set("release", Napi::Function::New<LockFileRelease>(env, "release"));
  exports.Set("owns", Napi::Function::New<LockFileOwns>(env, "owns"));
  exports.Set("firstHeld", Napi::Function::New<LockFileFirstHeld>(env, "firstHeld"));
  exports.Set("heldIn", Napi::Function::New<LockFileHeldIn>(env, "heldIn"));
  exports.Set("works", Napi::Function::New<LockFileWorks>(env, "works"));
  exports.Set("linkCount", Napi::Function::New<LockFileLinkCount>(env, "linkCount"));
  exports.Set("close", Napi::Function::New<LockFileClose>(env, "close"));
  exports.Set("futexWorks", Napi::Boolean::New(env, FutexWorks()));
  exports.Set("futexWait", Napi::Function::New<FutexWait>(env, "futexWait"));
  exports.Set("futexWake", Napi::Function::New<FutexWake>(env, "futexWake"));
  return exports;
}

NODE_API_MODULE(addon, Init)

}  // namespace dsm
