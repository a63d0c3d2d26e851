// System V segments (seed: dsm_impl_sysv). A key is all there is of a name, an id tells one bearer
// of a key from the next, and the kernel counts attachments: a range that is covered or unmapped is
// one less at once, as with shmdt.
#include <sys/ipc.h>
#include <sys/shm.h>

#include <cstring>

#include "dsm/addon.hpp"

namespace {

using dsm::Failure;
using dsm::Range;
using dsm::Residue;

struct SysV {
  using Name = key_t;

  struct Object {
    Object(key_t where, size_t bytes) : key(where), size(bytes) {}
    Object(Object&& other) noexcept
        : key(other.key), size(other.size), identity(other.identity),
          range(std::exchange(other.range, Range{})) {}
    ~Object() { range.Unmap(); }
    key_t key;
    size_t size;
    double identity = 0;
    Range range;
  };

  static Name NameFrom(const Napi::CallbackInfo& info, size_t first) {
    return info[first].As<Napi::Number>().Int32Value();
  }

  static Failure Make(Object& object, bool* taken) {
    int id = MakeNew(object.key, object.size);
    // Id 0 is given once in the life of an IPC namespace, and to us it would mean "not known".
    if (id == 0 && ::shmctl(id, IPC_RMID, nullptr) == 0) id = MakeNew(object.key, object.size);
    if (id < 0 && errno == EEXIST) {
      *taken = true;
      return {};
    }
    if (id < 0) {
      Failure failure = Failure::Here("create", "shmget");
      if (failure.error == ENOSPC) failure.advice = "See the kernel's limits: sysctl kernel.shmmni";
      return failure;
    }
    object.identity = id;
    Failure failure = MapSegment(id, object.size, &object.range);
    if (failure) Undo(object);
    return failure;
  }

  static Failure Allocate(Object& object, const dsm::CancelFlag* cancelled) {
    return dsm::PopulateRange(object.range, cancelled);
  }

  static Failure Map(Object& object, Range* range) {
    *range = std::exchange(object.range, Range{});
    return {};
  }

  static Residue Undo(Object& object) {
    ::shmctl(static_cast<int>(object.identity), IPC_RMID, nullptr);
    return Residue(std::exchange(object.range, Range{}), object.size);
  }

  static Failure Attach(Name key, size_t size, Range* range, double* identity) {
    for (int tries = 1;; tries += 1) {
      int id = -1;
      shmid_ds segment{};
      if (Failure failure = FindOurs(key, &id, &segment)) return failure;
      if (segment.shm_segsz != size) {
        return Failure::Foreign("open", "shmctl", "its length is not the segment's");
      }
      *identity = id;
      const Failure failure = MapSegment(id, size, range);
      if (!IsGone(failure.error)) return failure;
      if (tries == kTriesMax) return NotGone("map", "shmat");
    }
  }

  static Failure Destroy(Name key, const dsm::Evidence& evidence, bool* removed, Residue* residue) {
    *removed = false;
    int id = -1;
    shmid_ds segment{};
    const Failure failure = FindOurs(key, &id, &segment);
    if (failure.foreign) return {};
    *removed = failure.error == ENOENT;
    if (*removed) return {};
    if (failure) return failure;
    if (evidence.given && !IsMeant(id, segment, evidence)) return {};
    // Held once more, a large one is freed when the residue goes, not in this thread's IPC_RMID.
    Range held;
    const bool large = segment.shm_segsz > dsm::FreeLater::kQuickBytesMax;
    if (large) MapSegment(id, segment.shm_segsz, &held);
    *residue = Residue(held, segment.shm_segsz);
    for (int tries = 1; ::shmctl(id, IPC_RMID, nullptr) != 0; tries += 1) {
      if (!IsGone(errno)) return Failure::Here("remove", "shmctl");
      if (!Names(key, id)) break;
      if (tries == kTriesMax) return NotGone("remove", "shmctl");
    }
    *removed = true;
    return {};
  }

 private:
  static constexpr int kTriesMax = 8;

  // What the kernel says of an id that it has not, and what it says of a removed one.
  static bool IsGone(int error) { return error == ENOENT || error == EINVAL || error == EIDRM; }

  // Second look, after such an answer: a segment that is left because of a wrong one stays.
  static bool Names(key_t key, int id) { return ::shmget(key, 0, 0) == id; }

  static Failure NotGone(const char* verb, const char* call) {
    return Failure::Of(verb, call, EINVAL);
  }

  static int MakeNew(key_t key, size_t size) {
    return ::shmget(key, size, IPC_CREAT | IPC_EXCL | 0600);
  }

  static Failure MapSegment(int id, size_t size, Range* range) {
    void* address = ::shmat(id, nullptr, 0);
    if (address == reinterpret_cast<void*>(-1)) {
      return Failure::Here("map", "shmat");
    }
    *range = Range{address, size};
    return {};
  }

  // Size 0: a larger one than the segment's would be EINVAL. No flags: finding needs no rights.
  // ENOENT: nobody bears the key. It is asked again if the bearer went since shmget.
  static Failure FindOurs(key_t key, int* id, shmid_ds* segment) {
    int looked = -1;
    for (int tries = 1; looked != 0; tries += 1) {
      *id = ::shmget(key, 0, 0);
      if (*id < 0) return Failure::Here("open", "shmget");
      looked = ::shmctl(*id, IPC_STAT, segment);
      if (looked == 0 || !IsGone(errno)) break;
      if (tries == kTriesMax) return NotGone("stat", "shmctl");
    }
    const char* why = nullptr;
    if (looked != 0) {
      if (errno != EACCES) return Failure::Here("stat", "shmctl");
      why = "it belongs to another user";
    } else if (segment->shm_perm.cuid != ::geteuid() || segment->shm_perm.uid != ::geteuid()) {
      why = "it belongs to another user";
    } else if ((segment->shm_perm.mode & 0777) != 0600) {
      why = "its mode is not 0600";
    }
    return why ? Failure::Foreign("open", "shmctl", why) : Failure{};
  }

  static bool IsMeant(int id, const shmid_ds& segment, const dsm::Evidence& evidence) {
    if (evidence.identity != 0) return id == evidence.identity;
    // A maker that was stopped before it recorded the identity lives, and has it attached still.
    const bool attached = segment.shm_nattch != 0;
    const bool by_maker = segment.shm_nattch == 1 && segment.shm_lpid == evidence.creator_pid;
    return static_cast<double>(segment.shm_segsz) == evidence.size &&
           segment.shm_cpid == evidence.creator_pid && (!attached || by_maker) &&
           evidence.IsMadeSince(static_cast<double>(segment.shm_ctime) * 1000);
  }
};

// copySegment(shmid) → Uint8Array: any segment that this user may read, which is left as it is.
Napi::Value CopySegment(const Napi::CallbackInfo& info) {
  const int id = info[0].As<Napi::Number>().Int32Value();
  shmid_ds segment{};
  Failure failure;
  if (::shmctl(id, IPC_STAT, &segment) != 0) failure = Failure::Here("stat", "shmctl");
  void* address = failure ? nullptr : ::shmat(id, nullptr, SHM_RDONLY);
  if (address == reinterpret_cast<void*>(-1)) failure = Failure::Here("map", "shmat");
  if (failure) {
    dsm::Throw(info.Env(), failure);
    return {};
  }
  auto copy = Napi::Uint8Array::New(info.Env(), segment.shm_segsz);
  if (!copy.IsEmpty()) std::memcpy(copy.Data(), address, segment.shm_segsz);
  ::shmdt(address);
  return copy;
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("copySegment", Napi::Function::New<CopySegment>(env, "copySegment"));
  return dsm::Addon<SysV>::Register(env, exports);
}

}  // namespace

NODE_API_MODULE(addon, Init)
