// A mechanism over files: POSIX shared memory (files of the tmpfs on /dev/shm) and mapped files.
// The two differ in where a name is looked up, which is the Place that each brings along:
//
//   Place::From(info, first)                 from JavaScript arguments
//   Failure Enter(bool make)                 opens and verifies directories; ENOENT passes
//   int Open(int flags)                      0600 if it creates; as open(2)
//   int Unlink() const                       as unlink(2)
//   int Read(FileStatus*) const              as lstat(2)
//   static double Identity(int fd, const FileStatus&)
//   static constexpr bool kIdentityNeedsFile whether Identity reads the descriptor at all
//   static constexpr const char* kSpaceHint  what to do about a full file system, or null
//   static constexpr Pages kPages            what its file system can have
//
// What is here is the suspicion: nothing is created over, adopted, mapped or removed that is not a
// plain file of ours, mode 0600, with one link.
#ifndef DSM_FILE_MECHANISM_HPP
#define DSM_FILE_MECHANISM_HPP

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>

#include "dsm/allocate.hpp"
#include "dsm/error.hpp"
#include "dsm/file_status.hpp"
#include "dsm/huge_pages.hpp"
#include "dsm/job.hpp"
#include "dsm/mapping.hpp"
#include "dsm/mechanism.hpp"

namespace dsm {

// Any 64-bit number as a positive safe integer; itself if it is one.
inline double SafeInteger(uint64_t number) {
  constexpr uint64_t kMax = (uint64_t{1} << 53) - 1;
  const uint64_t folded = number <= kMax ? number : (number ^ (number >> 53)) & kMax;
  return static_cast<double>(folded == 0 ? 1 : folded);
}

// What gives a file away that is not one of ours; null for one that is.
inline const char* WhyForeign(const FileStatus& file) {
  if (file.IsLink()) return "it is a symbolic link";
  if (!file.IsRegular()) return "it is no regular file";
  if (!file.IsOurs()) return "it belongs to another user";
  if (file.Mode() != 0600) return "its mode is not 0600";
  if (file.Links() != 1) return "it has another name besides";
  return nullptr;
}

template <class Place>
struct FileMechanism {
  using Name = Place;

  struct Object {
    Object(Place where, size_t bytes) : place(std::move(where)), size(bytes) {}
    Place place;
    size_t size;
    UniqueFd fd;
    double identity = 0;
  };

  static Name NameFrom(const Napi::CallbackInfo& info, size_t first) {
    return Place::From(info, first);
  }

  static Failure Make(Object& object, bool* taken) {
    if (Failure failure = object.place.Enter(true)) return failure;
    object.fd.Reset(object.place.Open(O_RDWR | O_CREAT | O_EXCL | kFlags));
    if (!object.fd.IsOpen() && errno == EEXIST) {
      *taken = true;
      return {};
    }
    if (!object.fd.IsOpen()) return Failure::Here("create", "open");
    FileStatus file;
    Failure failure;
    if (file.Read(object.fd.Get()) != 0) {
      failure = Failure::Here("stat", "statx");
    } else if (file.Mode() != 0600 && ::fchmod(object.fd.Get(), 0600) != 0) {
      failure = Failure::Here("create", "fchmod");  // a umask only takes away, and took too much
    }
    object.identity = Place::Identity(object.fd.Get(), file);
    if (failure) Undo(object);
    return failure;
  }

  static Failure Allocate(Object& object, const CancelFlag* cancelled) {
    return AllocateFile(object.fd.Get(), object.size, cancelled, Place::kSpaceHint,
                        Place::kPages);
  }

  // The descriptor stays open until the object goes, for Undo.
  static Failure Map(Object& object, Range* range) {
    return MapFile(object.fd.Get(), object.size, range);
  }

  // By name, so it makes sure that the name still is this very object's.
  static Residue Undo(Object& object) {
    FileStatus named;
    FileStatus mine;
    const bool known = mine.Read(object.fd.Get()) == 0 && object.place.Read(&named) == 0;
    if (!known || mine.IsSameFileAs(named)) object.place.Unlink();
    return Residue(std::move(object.fd), object.size);
  }

  static Failure Attach(Name& place, size_t size, Range* range, double* identity) {
    UniqueFd fd;
    FileStatus file;
    if (Failure failure = OpenOurs(place, &fd, &file)) return failure;
    if (file.Bytes() != size) {
      return Failure::Foreign("open", "statx", "its length is not the segment's");
    }
    *identity = Place::Identity(fd.Get(), file);
    return MapFile(fd.Get(), size, range);
  }

  // A descriptor is needed where nothing else tells one bearer of the name from another, and to
  // free a large one off this thread. Else the name alone will do, and costs half as much. It is no
  // safer with one: what is removed is a name either way, after a look.
  static Failure Destroy(Name& place, const Evidence& evidence, bool* removed, Residue* residue) {
    *removed = false;
    UniqueFd fd;
    FileStatus file;
    const bool by_file = evidence.given && Place::kIdentityNeedsFile;
    Failure failure = by_file ? OpenOurs(place, &fd, &file) : LookAtOurs(place, &file);
    const bool large = !failure && file.Bytes() > FreeLater::kQuickBytesMax;
    if (large && !fd.IsOpen()) failure = OpenOurs(place, &fd, &file);
    if (failure.foreign) return {};
    *removed = failure.error == ENOENT;
    if (*removed) return {};
    if (failure) return failure;
    if (evidence.given && !IsMeant(fd.Get(), file, evidence)) return {};
    if (place.Unlink() != 0 && errno != ENOENT) return Failure::Here("remove", "unlink");
    *removed = true;
    *residue = Residue(std::move(fd), file.Bytes());
    return {};
  }

 private:
  // O_NONBLOCK: a FIFO under our name must not hold us up. It means nothing to a plain file.
  static constexpr int kFlags = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

  static Failure MapFile(int fd, size_t size, Range* range) {
    void* address = MapShared(fd, 0, size);
    if (address == MAP_FAILED) return Failure::Here("map", "mmap");
    *range = Range{address, size};
    return {};
  }

  static Failure LookAtOurs(Name& place, FileStatus* file) {
    if (Failure failure = place.Enter(false)) return failure;
    if (place.Read(file) != 0) return Failure::Here("open", "statx");
    const char* why = WhyForeign(*file);
    return why ? Failure::Foreign("open", "statx", why) : Failure{};
  }

  static Failure OpenOurs(Name& place, UniqueFd* fd, FileStatus* file) {
    if (Failure failure = place.Enter(false)) return failure;
    fd->Reset(place.Open(O_RDWR | kFlags));
    if (!fd->IsOpen()) {
      const Failure failure = Failure::Here("open", "open");
      const char* why = place.Read(file) == 0 ? WhyForeign(*file) : nullptr;
      return why ? Failure::Foreign("open", "open", why) : failure;
    }
    if (file->Read(fd->Get()) != 0) return Failure::Here("stat", "statx");
    const char* why = WhyForeign(*file);
    return why ? Failure::Foreign("open", "statx", why) : Failure{};
  }

  static bool IsMeant(int fd, const FileStatus& file, const Evidence& evidence) {
    if (evidence.identity != 0) return Place::Identity(fd, file) == evidence.identity;
    const auto size = static_cast<double>(file.Bytes());
    return (size == 0 || size == evidence.size) && evidence.IsMadeSince(file.BornAtMs());
  }
};

}  // namespace dsm

#endif
