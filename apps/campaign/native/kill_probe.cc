// A process that ends itself by SIGKILL before the n-th of its stores to watched shared memory and
// of its system calls, whatever code they come from. For the campaigns kill-states and double-kill;
// Linux on x86-64.
//
// fork() makes the victim from a process that has all its code loaded, in two milliseconds instead
// of the hundred of a Node start. Nothing of ours is inherited: mappings are MADV_DONTFORK, lock
// files close themselves in the child. Then, in the victim:
//   stores        the watched pages are read-only; a store faults, is counted, and is done in a
//                 single step of the processor. So none is missed, whoever does it: interpreted or
//                 compiled JavaScript, a builtin, C++.
//   system calls  a seccomp filter turns those that matter into SIGSYS; the handler counts them and
//                 makes the call itself, from the one address that the filter lets pass.
// Between two counted points the memory cannot change; that it did not is checked at each, against
// a private copy, as somebody else or the kernel could have changed it.
#include "addon.hpp"

#if defined(__linux__) && defined(__x86_64__)

#include <sys/wait.h>
#include <time.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "kill_probe_calls.hpp"

extern "C" int uv_loop_fork(void*);

namespace {

constexpr useconds_t kNapMicroseconds = 50;

void Handle(int signal, void (*handler)(int, siginfo_t*, void*)) {
  struct sigaction action{};
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  ::sigaction(signal, &action, nullptr);
}

using Info = Napi::CallbackInfo;

Napi::Value Fail(const Info& info, const char* what) {
  Napi::Error::New(info.Env(), std::string(what) + ": " + std::strerror(errno))
      .ThrowAsJavaScriptException();
  return {};
}

// page() → an ArrayBuffer that this process and its victims share. A victim counts in the page
// that was chosen last when it was forked.
Napi::Value NewPage(const Info& info) {
  void* address =
      ::mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (address == MAP_FAILED) return Fail(info, "mmap");
  napi_value buffer = nullptr;
  napi_create_external_arraybuffer(info.Env(), address, sizeof(Page), nullptr, nullptr, &buffer);
  return Napi::Value(info.Env(), buffer);
}

// choose(page)
void Choose(const Info& info) {
  auto buffer = info[0].As<Napi::ArrayBuffer>();
  page = static_cast<Page*>(buffer.Data());
}

template <class Use>
void EachMapping(Use use) {
  std::FILE* maps = std::fopen("/proc/self/maps", "re");
  if (maps == nullptr) return;
  char line[512];
  while (std::fgets(line, sizeof line, maps) != nullptr) {
    uintptr_t start = 0;
    uintptr_t end = 0;
    char rights[5] = "";
    const bool read = std::sscanf(line, "%lx-%lx %4s", &start, &end, rights) == 3;
    if (read) use(start, end - start, rights);
  }
  std::fclose(maps);
}

// V8 keeps its heap from children (MADV_DONTFORK), for whom it is of no use otherwise. What is
// shared, ours among it, stays out of them.
void InheritPrivateMemory() {
  EachMapping([](uintptr_t start, size_t length, const char* rights) {
    if (rights[3] == 'p') ::madvise(reinterpret_cast<void*>(start), length, MADV_DOFORK);
  });
}

// fork() → pid, or 0 in the victim, which dies with its parent
Napi::Value Fork(const Info& info) {
  InheritPrivateMemory();
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return Fail(info, "fork");
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    void* loop = nullptr;
    napi_get_uv_event_loop(info.Env(), reinterpret_cast<uv_loop_s**>(&loop));
    uv_loop_fork(loop);
  }
  return Napi::Number::New(info.Env(), pid);
}

// getpid(): process.pid is the parent's in a victim
Napi::Value Pid(const Info& info) { return Napi::Number::New(info.Env(), ::getpid()); }

int64_t NowMs() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

// wait(pid, milliseconds) → null: still there; else the signal that ended it, or minus its exit
// code
Napi::Value Wait(const Info& info) {
  const pid_t pid = info[0].As<Napi::Number>().Int32Value();
  const int64_t deadline = NowMs() + info[1].As<Napi::Number>().Int64Value();
  int status = 0;
  pid_t ended = ::waitpid(pid, &status, WNOHANG);
  while (ended == 0 && NowMs() < deadline) {
    ::usleep(kNapMicroseconds);
    ended = ::waitpid(pid, &status, WNOHANG);
  }
  if (ended < 0) return Fail(info, "waitpid");
  if (ended == 0) return info.Env().Null();
  const int how = WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
  return Napi::Number::New(info.Env(), how);
}

// nap(): for a short while, this thread does nothing
void Nap(const Info&) { ::usleep(kNapMicroseconds); }

// watchBuffer(buffer): every store to it counts
void WatchBuffer(const Info& info) {
  auto buffer = info[0].As<Napi::ArrayBuffer>();
  Watch(reinterpret_cast<uintptr_t>(buffer.Data()), buffer.ByteLength(), kUser);
}

// sizes(controlBytes, regionBytes): how the two are known when they are mapped
void Sizes(const Info& info) {
  control_bytes = static_cast<size_t>(info[0].As<Napi::Number>().Int64Value());
  region_bytes = static_cast<size_t>(info[1].As<Napi::Number>().Int64Value());
}

// arm(): from here on every point counts. Once in the life of a victim.
Napi::Value Arm(const Info& info) {
  Handle(SIGSEGV, OnStore);
  Handle(SIGTRAP, OnStep);
  Handle(SIGSYS, OnCall);
  EachMapping([](uintptr_t start, size_t length, const char* rights) {
    if (rights[1] == 'w' && rights[3] == 's') Watch(start, length, kNone);
  });
  if (!Filter()) return Fail(info, "seccomp");
  armed = true;
  ProtectAll(PROT_READ);
  return {};
}

// disarm(): one last point, after the whole action; then nothing counts any more
void Disarm(const Info&) {
  if (!armed) return;
  Point(kEnd, 0);
  armed = false;
  ProtectAll(PROT_READ | PROT_WRITE);
}

// die(): by SIGKILL, as at a point
void Die(const Info&) { ::kill(::getpid(), SIGKILL); }

}  // namespace

namespace campaign {

Napi::Object InitProbe(Napi::Env env, Napi::Object exports) {
  exports.Set("page", Napi::Function::New(env, NewPage));
  exports.Set("choose", Napi::Function::New(env, Choose));
  exports.Set("nap", Napi::Function::New(env, Nap));
  exports.Set("fork", Napi::Function::New(env, Fork));
  exports.Set("pid", Napi::Function::New(env, Pid));
  exports.Set("wait", Napi::Function::New(env, Wait));
  exports.Set("watchBuffer", Napi::Function::New(env, WatchBuffer));
  exports.Set("sizes", Napi::Function::New(env, Sizes));
  exports.Set("arm", Napi::Function::New(env, Arm));
  exports.Set("disarm", Napi::Function::New(env, Disarm));
  exports.Set("die", Napi::Function::New(env, Die));
  return exports;
}

}  // namespace campaign

#else

// Elsewhere there is no probe, and the campaigns say that they need another machine.
Napi::Object campaign::InitProbe(Napi::Env, Napi::Object exports) { return exports; }

#endif
