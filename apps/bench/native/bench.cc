// The bare system calls, in loops: the physical limit that the library is compared with. The same
// calls that a segment cannot do without, nothing checked, nothing recorded. It is a yardstick and
// no example: it adopts and removes whatever bears the name.
#include <fcntl.h>
#include <linux/fs.h>
#include <napi.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <string>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

namespace {

// Where an object is: a path (POSIX and mapped files alike), or a System V key.
struct Place {
  bool is_file;
  std::string path;
  key_t key;
};

Place PlaceFrom(const Napi::Value& value) {
  if (value.IsString()) return {true, value.As<Napi::String>().Utf8Value(), 0};
  return {false, {}, value.As<Napi::Number>().Int32Value()};
}

bool MakeFile(const Place& place, size_t size, void** address) {
  const int fd = ::open(place.path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 || ::posix_fallocate(fd, 0, static_cast<off_t>(size)) != 0) return false;
  *address = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  return *address != MAP_FAILED;
}

bool MakeKey(const Place& place, size_t size, void** address, int* id) {
  *id = ::shmget(place.key, size, IPC_CREAT | IPC_EXCL | 0600);
  if (*id < 0) return false;
  *address = ::shmat(*id, nullptr, 0);
  ::madvise(*address, size, MADV_POPULATE_WRITE);
  return *address != reinterpret_cast<void*>(-1);
}

bool CreateAndDestroy(const Place& place, size_t size) {
  void* address = nullptr;
  if (place.is_file) {
    return MakeFile(place, size, &address) && ::munmap(address, size) == 0 &&
           ::unlink(place.path.c_str()) == 0;
  }
  int id = -1;
  return MakeKey(place, size, &address, &id) && ::shmdt(address) == 0 &&
         ::shmctl(id, IPC_RMID, nullptr) == 0;
}

bool IsOurs(int fd, const char* path, int flags) {
  struct statx found{};
  return ::statx(fd, path, flags, STATX_BASIC_STATS | STATX_BTIME, &found) == 0 &&
         found.stx_uid == ::geteuid();
}

bool IsOurDirectory(const std::string& path) {
  const int fd = ::open(path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  const bool ours = fd >= 0 && IsOurs(fd, "", AT_EMPTY_PATH);
  return ::close(fd) == 0 && ours;
}

// A file system that gives the number of an inode out again at once says to a descriptor only
// which one of them it is.
bool IsOurGeneration(int fd) {
  unsigned long generation = 0;
  return IsOurs(fd, "", AT_EMPTY_PATH) && ::ioctl(fd, FS_IOC_GETVERSION, &generation) == 0;
}

// What nobody can leave out who must not remove a stranger's file, nor forget his own if he dies:
// which file was made, and whether that one is what he is about to remove.
bool CreateAndDestroyChecked(const Place& place, size_t size, bool mapped_file) {
  const char* const path = place.path.c_str();
  const std::string scope = place.path.substr(0, place.path.rfind('/'));
  const std::string base = scope.substr(0, scope.rfind('/'));
  const auto entered = [&] {
    return !mapped_file || (IsOurDirectory(base) && IsOurDirectory(scope));
  };
  const auto known = [&](int fd) {
    return mapped_file ? IsOurGeneration(fd) : IsOurs(fd, "", AT_EMPTY_PATH);
  };
  if (!entered()) return false;
  const int fd = ::open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 || !known(fd) || ::posix_fallocate(fd, 0, static_cast<off_t>(size)) != 0) return false;
  void* address = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  if (address == MAP_FAILED || ::munmap(address, size) != 0 || !entered()) return false;
  if (!mapped_file) return IsOurs(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW) && ::unlink(path) == 0;
  const int again = ::open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  const bool removed = again >= 0 && IsOurGeneration(again) && ::unlink(path) == 0;
  return ::close(again) == 0 && removed;
}

bool AttachAndDetachFile(const Place& place, size_t size) {
  const int fd = ::open(place.path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  struct stat file{};
  if (fd < 0 || ::fstat(fd, &file) != 0) return false;
  void* address = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  return address != MAP_FAILED && ::munmap(address, size) == 0;
}

bool AttachAndDetachKey(const Place& place) {
  const int id = ::shmget(place.key, 0, 0);
  shmid_ds segment{};
  if (id < 0 || ::shmctl(id, IPC_STAT, &segment) != 0) return false;
  void* address = ::shmat(id, nullptr, 0);
  return address != reinterpret_cast<void*>(-1) && ::shmdt(address) == 0;
}

Napi::Value Failed(const Napi::CallbackInfo& info) {
  Napi::Error::New(info.Env(), "a bare system call failed").ThrowAsJavaScriptException();
  return {};
}

// (place, size, count)
Napi::Value CreateDestroy(const Napi::CallbackInfo& info) {
  const Place place = PlaceFrom(info[0]);
  const size_t size = info[1].As<Napi::Number>().Uint32Value();
  const uint32_t count = info[2].As<Napi::Number>().Uint32Value();
  for (uint32_t done = 0; done < count; done++) {
    if (!CreateAndDestroy(place, size)) return Failed(info);
  }
  return info.Env().Undefined();
}

// (path, size, count, whether it is a mapped file and not one of /dev/shm)
Napi::Value CreateDestroyChecked(const Napi::CallbackInfo& info) {
  const Place place = PlaceFrom(info[0]);
  const size_t size = info[1].As<Napi::Number>().Uint32Value();
  const uint32_t count = info[2].As<Napi::Number>().Uint32Value();
  const bool mapped_file = info[3].As<Napi::Boolean>().Value();
  for (uint32_t done = 0; done < count; done++) {
    if (!CreateAndDestroyChecked(place, size, mapped_file)) return Failed(info);
  }
  return info.Env().Undefined();
}

// (place, size, count), of an object that is there
Napi::Value AttachDetach(const Napi::CallbackInfo& info) {
  const Place place = PlaceFrom(info[0]);
  const size_t size = info[1].As<Napi::Number>().Uint32Value();
  const uint32_t count = info[2].As<Napi::Number>().Uint32Value();
  for (uint32_t done = 0; done < count; done++) {
    const bool fine = place.is_file ? AttachAndDetachFile(place, size) : AttachAndDetachKey(place);
    if (!fine) return Failed(info);
  }
  return info.Env().Undefined();
}

// (place, size, count): nanoseconds of one creation. Removing it again is not in it.
Napi::Value TimedCreate(const Napi::CallbackInfo& info) {
  const Place place = PlaceFrom(info[0]);
  const size_t size = info[1].As<Napi::Number>().Uint32Value();
  const uint32_t count = info[2].As<Napi::Number>().Uint32Value();
  std::chrono::nanoseconds spent{0};
  for (uint32_t done = 0; done < count; done++) {
    void* address = nullptr;
    const auto start = std::chrono::steady_clock::now();
    if (!MakeFile(place, size, &address)) return Failed(info);
    spent += std::chrono::steady_clock::now() - start;
    if (::munmap(address, size) != 0 || ::unlink(place.path.c_str()) != 0) return Failed(info);
  }
  return Napi::Number::New(info.Env(), static_cast<double>(spent.count()) / count);
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("createDestroy", Napi::Function::New<CreateDestroy>(env, "createDestroy"));
  exports.Set("createDestroyChecked",
              Napi::Function::New<CreateDestroyChecked>(env, "createDestroyChecked"));
  exports.Set("attachDetach", Napi::Function::New<AttachDetach>(env, "attachDetach"));
  exports.Set("timedCreate", Napi::Function::New<TimedCreate>(env, "timedCreate"));
  return exports;
}

}  // namespace

NODE_API_MODULE(addon, Init)
