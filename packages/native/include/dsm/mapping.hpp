// One mapping of this process: an address range, and at most one ArrayBuffer over it.
// What it is not: an object of the operating system; no name and no descriptor is held here.
//
// JavaScript holds a mapping as an External, and the ArrayBuffer, once made, itself (NativeMapping
// in @dsm/impl). Both have finalizers, which may come in either order; the last one deletes.
//
// The end of a range, and why it is not simply munmap:
//   no buffer was ever made     munmap.
//   detach                      the buffer is detached, so that JavaScript sees length 0; anonymous
//                               pages are laid over the range AT ONCE, so that the memory goes back
//                               and a pool job in flight reads zeros; the finalizer of the buffer
//                               puts the range into quarantine.
//   detach after ab.transfer()  a buffer that we do not know owns the range: all waits for the
//                               finalizer, which comes when that one is collected.
//   never detached              the finalizers do it.
// All of this happens on the thread of one environment; nothing here is shared but the quarantine.
#ifndef DSM_MAPPING_HPP
#define DSM_MAPPING_HPP

#include <napi.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

#include "dsm/error.hpp"
#include "dsm/quarantine.hpp"

#ifndef __linux__
#error "The addons of dsm are written for Linux; see README.md, Platforms"
#endif

namespace dsm {

inline size_t PageSize() { return static_cast<size_t>(::sysconf(_SC_PAGESIZE)); }

// Lays anonymous pages over a range. If the kernel refuses, the old pages stay until munmap.
inline void Cover(const Range& range) {
  ::mmap(range.address, range.length, PROT_READ | PROT_WRITE,
         MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

class Mapping {
 public:
  // Takes the range over; null with an exception, or with none in an environment that is ending,
  // and then the range is unmapped. An External that is done with, and never had a buffer, can be
  // given for use again: making one, and finalizing it, costs as much as a system call.
  static napi_value New(napi_env env, Range range, size_t size, double identity,
                        napi_value spare = nullptr) {
    Mapping* used = spare ? From(env, spare) : nullptr;
    if (used && used->detached_ && !used->buffer_made_) {
      *used = Mapping(range, size, identity);
      return spare;
    }
    auto* mapping = new Mapping(range, size, identity);
    napi_value external = nullptr;
    if (napi_create_external(env, mapping, &OnExternalGone, nullptr, &external) != napi_ok) {
      mapping->range_.Unmap();
      delete mapping;
      return nullptr;
    }
    return external;
  }

  // The mapping behind an External; null if the value is none.
  static Mapping* From(napi_env env, napi_value value) {
    void* data = nullptr;
    return napi_get_value_external(env, value, &data) == napi_ok ? static_cast<Mapping*>(data)
                                                                 : nullptr;
  }

  size_t Size() const { return size_; }
  double Identity() const { return identity_; }
  bool IsMapped() const { return !detached_ && range_; }

  // The ArrayBuffer over all of it. Called once; JavaScript keeps the result.
  Failure MakeBuffer(napi_env env, napi_value* buffer) {
    AdvisePrivate();
    buffer_made_ = buffer_alive_ = true;
    const napi_status status =
        napi_create_external_arraybuffer(env, range_.address, size_, &OnBufferGone, this, buffer);
    if (status == napi_ok) return {};
    buffer_alive_ = false;
    Failure failure = Failure::Of("map", "napi_create_external_arraybuffer", ENOSYS);
    failure.advice = "This JavaScript runtime allows no buffers over memory that is not its own";
    return failure;
  }

  // Maps bytes [offset, offset + size) a second time. mremap from an old length of 0 makes another
  // mapping of the same pages, for every kind of shared mapping, and needs no descriptor.
  Failure Part(size_t offset, size_t size, Range* part) {
    const bool fits = offset <= size_ && size >= 1 && size <= size_ - offset;
    if (!IsMapped() || !fits || offset % PageSize() != 0) {
      return Failure::Of("map", "mremap", EINVAL);
    }
    AdvisePrivate();
    char* const start = static_cast<char*>(range_.address) + offset;
    void* address = ::mremap(start, 0, size, MREMAP_MAYMOVE);
    if (address == MAP_FAILED) return Failure::Here("map", "mremap");
    *part = Range{address, size};
    return {};
  }

  // `buffer` is what MakeBuffer gave, null if it was never called. Idempotent; cannot fail.
  void Detach(napi_env env, napi_value buffer) {
    if (detached_) return;
    detached_ = true;
    if (!buffer_made_) return range_.Unmap();
    if (!buffer_alive_) return Retire();
    bool moved = true;
    napi_is_detached_arraybuffer(env, buffer, &moved);
    if (moved || napi_detach_arraybuffer(env, buffer) != napi_ok) return;
    Cover(range_);
    covered_ = true;
  }

 private:
  Mapping(Range range, size_t size, double identity)
      : range_(range), size_(size), identity_(identity) {}

  // Our memory is no child's, and no part of a core dump. Both are wishes, which an old kernel may
  // refuse. Done when a mapping is first used, as it costs a tenth of making one; parts inherit it.
  void AdvisePrivate() {
    if (advised_) return;
    advised_ = true;
    ::madvise(range_.address, range_.length, MADV_DONTFORK);
    ::madvise(range_.address, range_.length, MADV_DONTDUMP);
  }

  void Retire() {
    if (!range_) return;
    if (!covered_) Cover(range_);
    Quarantine::Put(range_);
    range_ = Range{};
  }

  static void OnExternalGone(napi_env, void* data, void*) {
    auto* mapping = static_cast<Mapping*>(data);
    mapping->external_alive_ = false;
    if (mapping->buffer_alive_) return;  // views may be in use: the buffer's finalizer goes on
    if (mapping->buffer_made_) {
      mapping->Retire();
    } else {
      mapping->range_.Unmap();
    }
    delete mapping;
  }

  static void OnBufferGone(napi_env, void*, void* hint) {
    auto* mapping = static_cast<Mapping*>(hint);
    mapping->buffer_alive_ = false;
    if (mapping->detached_ || !mapping->external_alive_) mapping->Retire();
    if (!mapping->external_alive_) delete mapping;
  }

  Range range_;
  size_t size_;
  double identity_;
  bool advised_ = false;
  bool external_alive_ = true;
  bool buffer_made_ = false;
  bool buffer_alive_ = false;
  bool detached_ = false;
  bool covered_ = false;
};

}  // namespace dsm

#endif
