// POSIX shared memory: files of the tmpfs that every Linux mounts on /dev/shm (seed:
// dsm_impl_posix). shm_open is not linked: it would tie the binary to the glibc that it was linked
// with, and open(2) on the same path is what it does. The rest is in dsm/file_mechanism.hpp.
#include <string>

#include "dsm/addon.hpp"
#include "dsm/file_mechanism.hpp"

namespace {

class ShmPlace {
 public:
  // One argument: the name as shm_open takes it, "/dsm.….2".
  static ShmPlace From(const Napi::CallbackInfo& info, size_t first) {
    return ShmPlace("/dev/shm" + info[first].As<Napi::String>().Utf8Value());
  }

  dsm::Failure Enter(bool) { return {}; }
  int Open(int flags) const { return ::open(path_.c_str(), flags, 0600); }
  int Unlink() const { return ::unlink(path_.c_str()); }
  int Read(dsm::FileStatus* file) const { return file->Read(AT_FDCWD, path_.c_str()); }

  // A tmpfs counts its inodes up and does not use a number again.
  static double Identity(int, const dsm::FileStatus& file) {
    return dsm::SafeInteger(file.Inode());
  }

  static constexpr bool kIdentityNeedsFile = false;

  static constexpr const char* kSpaceHint =
      "in a container, give it more shared memory (docker run --shm-size)";

  static constexpr dsm::Pages kPages = dsm::Pages::kHuge;

 private:
  explicit ShmPlace(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  return dsm::Addon<dsm::FileMechanism<ShmPlace>>::Register(env, exports);
}

}  // namespace

NODE_API_MODULE(addon, Init)
