// Mapped files (seed: dsm_impl_mmap): <dir>/dsm.<nonce>/<handle>, on whatever file system `dir` is.
// What is here is the way to the file: two directories, each verified through its own descriptor
// and none walked by path twice. All the rest is in dsm/file_mechanism.hpp.
#include <linux/fs.h>
#include <sys/ioctl.h>

#include <string>

#include "dsm/addon.hpp"
#include "dsm/file_mechanism.hpp"

namespace {

class FilePlace {
 public:
  // Three arguments: the directory, the scope's directory in it, the file in that.
  static FilePlace From(const Napi::CallbackInfo& info, size_t first) {
    const auto text = [&](size_t index) { return info[index].As<Napi::String>().Utf8Value(); };
    return FilePlace(text(first), text(first + 1), text(first + 2));
  }

  // Another member may remove the directories, empty as they are, between any two of our calls
  // (rmdir in close()). Who makes a file begins again then; who looks for one has not found it.
  dsm::Failure Enter(bool make) {
    for (int tries = 0;; tries += 1) {
      dsm::UniqueFd base;
      dsm::Failure failure = OpenDirectory(AT_FDCWD, base_, make, &base);
      if (!failure) failure = OpenDirectory(base.Get(), scope_, make, &directory_);
      if (failure.error != ENOENT || !make || tries == kTriesMax) return failure;
    }
  }

  int Open(int flags) {
    for (int tries = 0;; tries += 1) {
      const int fd = ::openat(directory_.Get(), leaf_.c_str(), flags, 0600);
      if (fd >= 0 || errno != ENOENT || !(flags & O_CREAT) || tries == kTriesMax) return fd;
      if (Enter(true)) return -1;
    }
  }

  int Unlink() const { return ::unlinkat(directory_.Get(), leaf_.c_str(), 0); }

  int Read(dsm::FileStatus* file) const { return file->Read(directory_.Get(), leaf_.c_str()); }

  // Disk file systems use an inode's number again at once. Those that do keep a generation beside
  // it; elsewhere the time of birth must do.
  static double Identity(int fd, const dsm::FileStatus& file) {
    unsigned long generation = 0;  // the kernel writes 32 bits, whatever the type says
    if (::ioctl(fd, FS_IOC_GETVERSION, &generation) != 0 || generation == 0) {
      generation = static_cast<unsigned long>(file.BornAtMs());
    }
    return dsm::SafeInteger(file.Inode() ^ (uint64_t{generation} * 0x9E3779B97F4A7C15));
  }

  static constexpr bool kIdentityNeedsFile = true;

  static constexpr const char* kSpaceHint = nullptr;

  static constexpr dsm::Pages kPages = dsm::Pages::kSmall;

 private:
  // Each lost one takes another process's rmdir just then; on a busy machine eight came in a row.
  static constexpr int kTriesMax = 100;

  FilePlace(std::string base, std::string scope, std::string leaf)
      : base_(std::move(base)), scope_(std::move(scope)), leaf_(std::move(leaf)) {}

  static dsm::Failure OpenDirectory(int at, const std::string& path, bool make,
                                    dsm::UniqueFd* directory) {
    const char* verb = make ? "create" : "open";
    // O_PATH: a place to start from and to look at, which is all it is for, and the cheaper.
    constexpr int kFlags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    directory->Reset(::openat(at, path.c_str(), kFlags));
    if (!directory->IsOpen() && errno == ENOENT && make) {
      if (::mkdirat(at, path.c_str(), 0700) != 0 && errno != EEXIST) {
        return dsm::Failure::Here(verb, "mkdir");
      }
      ::fchmodat(at, path.c_str(), 0700, 0);  // a umask may have taken too much
      directory->Reset(::openat(at, path.c_str(), kFlags));
    }
    const dsm::Failure failure = dsm::Failure::Here(verb, "open");
    dsm::FileStatus found;
    if (directory->IsOpen()) {
      if (found.Read(directory->Get()) != 0) return dsm::Failure::Here(verb, "statx");
    } else if (found.Read(at, path.c_str()) != 0) {
      return failure;
    }
    if (const char* why = WhyInsecure(found)) return Insecure(verb, why);
    return directory->IsOpen() ? dsm::Failure{} : failure;
  }

  static dsm::Failure Insecure(const char* verb, const char* why) {
    dsm::Failure failure = dsm::Failure::Insecure(verb, "open", why);
    failure.advice = "Remove it, or choose another place with the option dir";
    return failure;
  }

  static const char* WhyInsecure(const dsm::FileStatus& found) {
    if (found.IsLink()) return "it is a symbolic link";
    if (!found.IsDirectory()) return "it is no directory";
    if (!found.IsOurs()) return "it belongs to another user";
    if ((found.Mode() & 0777) != 0700) return "its mode is not 0700";
    return nullptr;
  }

  std::string base_;
  std::string scope_;
  std::string leaf_;
  dsm::UniqueFd directory_;
};

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  return dsm::Addon<dsm::FileMechanism<FilePlace>>::Register(env, exports);
}

}  // namespace

NODE_API_MODULE(addon, Init)
