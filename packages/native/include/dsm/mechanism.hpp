// What the three mechanisms have in common in their signatures: the evidence about an object, and
// what is left of one when its name is gone. A mechanism M is a struct of static functions:
//
//   M::Name                                    what it finds an object by, made from JS arguments
//   M::Name M::NameFrom(info, first)           reads it from info[first], info[first + 1], …
//   M::Object                                  one being made: name, size, descriptor or address
//   Failure M::Make(Object&, bool* taken)      the name, exclusively; member's own thread
//   Failure M::Allocate(Object&, cancelled)    every byte; any thread; changes no name
//   Failure M::Map(Object&, Range*)            member's own thread; the name is kept from here on
//   Residue M::Undo(Object&)                   the name goes; never fails
//   Failure M::Attach(Name&, size, Range*, double* identity)
//   Failure M::Destroy(Name&, const Evidence&, bool* removed, Residue*)
//
// addon.hpp makes the JavaScript functions from these. What it is not: a class with virtual
// functions; each addon has one mechanism, known when it is compiled.
#ifndef DSM_MECHANISM_HPP
#define DSM_MECHANISM_HPP

#include <cstddef>
#include <utility>

#include "dsm/quarantine.hpp"
#include "dsm/unique_fd.hpp"

namespace dsm {

// As DsmEvidence of @dsm/impl.
struct Evidence {
  bool given = false;
  double identity = 0;
  double size = 0;
  double recorded_at_ms = 0;
  double creator_pid = 0;

  // Clocks of file systems lag by a tick or two, and System V's besides counts whole seconds.
  bool IsMadeSince(double made_ms) const { return made_ms + 2000 >= recorded_at_ms; }
};

// The last holds on memory that has no name any more. Letting go frees it, which takes a
// millisecond for 8 MiB: see FreeLater in job.hpp.
struct Residue {
  UniqueFd fd;
  Range range;
  size_t bytes = 0;

  Residue() = default;
  Residue(UniqueFd descriptor, size_t held) : fd(std::move(descriptor)), bytes(held) {}
  Residue(Range mapped, size_t held) : range(mapped), bytes(held) {}
  Residue(Residue&& other) noexcept { *this = std::move(other); }
  Residue& operator=(Residue&& other) noexcept {
    if (this == &other) return *this;
    fd = std::move(other.fd);
    range.Unmap();
    range = std::exchange(other.range, Range{});
    bytes = other.bytes;
    return *this;
  }
  ~Residue() { range.Unmap(); }
};

}  // namespace dsm

#endif
