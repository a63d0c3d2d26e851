// What the tests of @dsm/lwlock need of the system and the package itself has no use for.
// Never shipped.
#include <fcntl.h>
#include <napi.h>
#include <node_api.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <string>

static Napi::Value Fail(Napi::Env env, const char* what) {
  Napi::Error::New(env, what).ThrowAsJavaScriptException();
  return env.Undefined();
}

// map(path, size): an ArrayBuffer over the file, shared between processes.
static Napi::Value Map(const Napi::CallbackInfo& info) {
  const std::string path = info[0].As<Napi::String>().Utf8Value();
  const auto size = static_cast<size_t>(info[1].As<Napi::Number>().Int64Value());
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return Fail(info.Env(), "open");
  void* at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  if (at == MAP_FAILED) return Fail(info.Env(), "mmap");
  napi_value buffer;
  const auto unmap = [](napi_env, void* data, void* hint) {
    ::munmap(data, static_cast<size_t>(reinterpret_cast<uintptr_t>(hint)));
  };
  void* const hint = reinterpret_cast<void*>(static_cast<uintptr_t>(size));
  if (napi_create_external_arraybuffer(info.Env(), at, size, unmap, hint, &buffer) != napi_ok) {
    return Fail(info.Env(), "napi_create_external_arraybuffer");
  }
  return Napi::Value(info.Env(), buffer);
}

// forkWithoutExec(): pid of a child that only sleeps, for at most a minute.
static Napi::Value ForkWithoutExec(const Napi::CallbackInfo& info) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    for (int i = 0; i < 60; i++) ::sleep(1);
    ::_exit(0);
  }
  return Napi::Number::New(info.Env(), pid);
}

// alarm(seconds): the process dies then, whatever it is doing.
static Napi::Value Alarm(const Napi::CallbackInfo& info) {
  ::alarm(info[0].As<Napi::Number>().Uint32Value());
  return info.Env().Undefined();
}

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("map", Napi::Function::New<Map>(env, "map"));
  exports.Set("forkWithoutExec", Napi::Function::New<ForkWithoutExec>(env, "forkWithoutExec"));
  exports.Set("alarm", Napi::Function::New<Alarm>(env, "alarm"));
  return exports;
}

NODE_API_MODULE(addon, Init)
