// Lock files as JavaScript sees them: a small number per open file, a table per environment.
// The table knows which bytes each file holds, because the kernel answers "unlocked" about one's
// own. It is kept here and not in JavaScript, which can be stopped between the system call and the
// note of it (vm timeout).
// The bytes drop when the environment ends (a worker's clean-up hook) and when the process dies.
#ifndef DSM_LWLOCK_LOCK_FILE_HPP
#define DSM_LWLOCK_LOCK_FILE_HPP

#include <napi.h>
#include <node_api.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "byte_lock.hpp"
#include "descriptors.hpp"
#include "open_file.hpp"

namespace dsm {

struct LockFile : Descriptor {
  std::vector<int64_t> own;  // sorted

  bool Owns(int64_t offset) const { return std::binary_search(own.begin(), own.end(), offset); }
  void Note(int64_t offset) {
    own.insert(std::lower_bound(own.begin(), own.end(), offset), offset);
  }
  void Forget(int64_t offset) {
    const auto place = std::lower_bound(own.begin(), own.end(), offset);
    if (place != own.end() && *place == offset) own.erase(place);
  }
};

// One per environment (main thread, each worker): its files, by number.
class LockFiles {
 public:
  static bool Attach(napi_env env) {
    auto* files = new LockFiles();
    if (napi_set_instance_data(env, files, nullptr, nullptr) != napi_ok) return false;
    return napi_add_env_cleanup_hook(env, &LockFiles::End, files) == napi_ok;
  }

  static LockFiles& Of(napi_env env) {
    void* files = nullptr;
    napi_get_instance_data(env, &files);
    return *static_cast<LockFiles*>(files);
  }

  // The file of a number that `Insert` gave, for what was noted of it; null once it is closed, and
  // in a forked child.
  static LockFile* FindNoted(const Napi::CallbackInfo& info) {
    LockFiles& files = Of(info.Env());
    const uint32_t number = info[0].As<Napi::Number>().Uint32Value();
    LockFile* file = number < files.files_.size() ? files.files_[number].get() : nullptr;
    if (file != nullptr && file->fd >= 0) return file;
    Throw(info.Env(), Lost("fcntl", EBADF));
    return nullptr;
  }

  // As FindNoted, for asking the kernel: null too if the descriptor is not that file's any more.
  static LockFile* Find(const Napi::CallbackInfo& info) {
    LockFile* file = FindNoted(info);
    const int error = file == nullptr ? 0 : file->Look();
    if (error == 0) return file;
    Throw(info.Env(), Lost("statx", error));
    return nullptr;
  }

  size_t Insert(std::unique_ptr<LockFile> file) {
    files_.push_back(std::move(file));  // numbers are not reused: a stale one finds nothing
    return files_.size() - 1;
  }

  void Remove(uint32_t number) {
    if (number >= files_.size() || files_[number] == nullptr) return;
    const ForkGuard guard;
    guard.Remove(files_[number].get());
    files_[number].reset();
  }

 private:
  static Failure Lost(const char* call, int error) {
    Failure failure = Failure::Of("lock", call, error);
    if (error == EBADF) {
      failure.advice = "Other code closed its descriptor, or this is a forked child";
    }
    return failure;
  }

  static void End(void* data) {
    auto* files = static_cast<LockFiles*>(data);
    for (uint32_t number = 0; number < files->files_.size(); number++) files->Remove(number);
    delete files;  // JavaScript of this environment cannot run any more
  }

  std::vector<std::unique_ptr<LockFile>> files_;
};

inline int64_t OffsetOf(const Napi::Value& value) {
  return value.As<Napi::Number>().Int64Value();
}

// open(path, flags): number
inline Napi::Value LockFileOpen(const Napi::CallbackInfo& info) {
  const std::string path = info[0].As<Napi::String>().Utf8Value();
  const int flags = info[1].As<Napi::Number>().Int32Value();
  auto file = std::make_unique<LockFile>();
  file->own.reserve(8);
  const ForkGuard guard;
  UniqueFd opened;
  Failure failure = OpenLockFile(path.c_str(), flags, &opened, &file->opened);
  if (!failure && !guard.Watching()) failure = Failure::Of("open", "pthread_atfork", ENOMEM);
  if (failure) {
    Throw(info.Env(), failure);
    return info.Env().Undefined();
  }
  file->fd = opened.Release();
  guard.Add(file.get());
  const size_t number = LockFiles::Of(info.Env()).Insert(std::move(file));
  return Napi::Number::New(info.Env(), static_cast<double>(number));
}

// works(file, path): boolean
inline Napi::Value LockFileWorks(const Napi::CallbackInfo& info) {
  const LockFile* file = LockFiles::FindNoted(info);  // just opened
  if (file == nullptr) return info.Env().Undefined();
  const std::string path = info[1].As<Napi::String>().Utf8Value();
  return Napi::Boolean::New(info.Env(), ByteLocksWork(file->fd, path.c_str()));
}

// take(file, offset): boolean. The caller has seen that the byte is not its own.
inline Napi::Value LockFileTake(const Napi::CallbackInfo& info) {
  LockFile* file = LockFiles::Find(info);
  if (file == nullptr) return info.Env().Undefined();
  const int64_t offset = OffsetOf(info[1]);
  bool taken = false;
  if (Failure failure = TakeByte(file->fd, offset, &taken)) Throw(info.Env(), failure);
  if (taken && !file->Owns(offset)) file->Note(offset);
  return Napi::Boolean::New(info.Env(), taken);
}

// release(file, offset)
inline void LockFileRelease(const Napi::CallbackInfo& info) {
  LockFile* file = LockFiles::Find(info);
  if (file == nullptr) return;
  const int64_t offset = OffsetOf(info[1]);
  if (Failure failure = DropByte(file->fd, offset)) return Throw(info.Env(), failure);
  file->Forget(offset);
}

// owns(file, offset): boolean
inline Napi::Value LockFileOwns(const Napi::CallbackInfo& info) {
  const LockFile* file = LockFiles::FindNoted(info);
  if (file == nullptr) return info.Env().Undefined();
  return Napi::Boolean::New(info.Env(), file->Owns(OffsetOf(info[1])));
}

// firstHeld(file, offset, length, lowest): offset, or -1. Any held one if not `lowest`.
inline Napi::Value LockFileFirstHeld(const Napi::CallbackInfo& info) {
  const LockFile* file = LockFiles::Find(info);
  if (file == nullptr) return info.Env().Undefined();
  const int64_t start = OffsetOf(info[1]);
  const int64_t length = OffsetOf(info[2]);
  const bool lowest = info[3].As<Napi::Boolean>().Value();
  int64_t held = -1;
  bool any = false;
  const Failure failure = lowest ? FirstHeldByte(file->fd, start, start + length, &held)
                                 : AnyHeldByte(file->fd, start, length, &any);
  if (failure) Throw(info.Env(), failure);
  if (any) held = start;
  return Napi::Number::New(info.Env(), static_cast<double>(held));
}

// heldIn(file, tokens, count, bits): how many are held, and bit i of `bits` for each. The byte of
// token t is t - 1; a token below 1 is held by nobody. An own byte counts as held. Allocates
// nothing: recovery uses it.
inline Napi::Value LockFileHeldIn(const Napi::CallbackInfo& info) {
  const LockFile* file = LockFiles::Find(info);
  if (file == nullptr) return info.Env().Undefined();
  const auto tokens = info[1].As<Napi::Int32Array>();
  auto bits = info[3].As<Napi::Int32Array>();
  const size_t room = std::min(tokens.ElementLength(), bits.ElementLength() * 32);
  const size_t count = std::min<size_t>(info[2].As<Napi::Number>().Uint32Value(), room);
  const int32_t* from = tokens.Data();
  auto* to = reinterpret_cast<uint32_t*>(bits.Data());
  uint32_t total = 0;
  for (size_t i = 0; i < count; i++) {
    bool held = false;
    if (from[i] > 0 && !(held = file->Owns(from[i] - 1))) {
      if (Failure failure = AnyHeldByte(file->fd, from[i] - 1, 1, &held)) {
        Throw(info.Env(), failure);
        return info.Env().Undefined();
      }
    }
    const uint32_t bit = 1U << (i % 32);
    to[i / 32] = held ? to[i / 32] | bit : to[i / 32] & ~bit;
    total += held ? 1 : 0;
  }
  return Napi::Number::New(info.Env(), total);
}

// linkCount(file): number; 0 once the file is unlinked
inline Napi::Value LockFileLinkCount(const Napi::CallbackInfo& info) {
  const LockFile* file = LockFiles::Find(info);
  if (file == nullptr) return info.Env().Undefined();
  FileStatus status;
  if (status.Read(file->fd) == 0) {
    return Napi::Number::New(info.Env(), static_cast<double>(status.Links()));
  }
  Throw(info.Env(), Failure::Here("stat", "statx"));
  return info.Env().Undefined();
}

// close(file)
inline void LockFileClose(const Napi::CallbackInfo& info) {
  LockFiles::Of(info.Env()).Remove(info[0].As<Napi::Number>().Uint32Value());
}

}  // namespace dsm

#endif
