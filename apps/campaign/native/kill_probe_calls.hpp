// The system calls of a victim: a seccomp filter turns those that matter into SIGSYS, the handler
// counts them and makes the call itself. On the way it learns what shared memory comes and goes.
#ifndef DSM_CAMPAIGN_KILL_PROBE_CALLS_HPP
#define DSM_CAMPAIGN_KILL_PROBE_CALLS_HPP

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/shm.h>

#include <cstddef>
#include <iterator>

#include "kill_probe_points.hpp"

namespace {

// Everything by which a process changes, or asks about, what others can see too. What is not here
// works on the process's own memory, time, threads and signals.
constexpr int kCalls[] = {
    SYS_open,       SYS_openat,    SYS_openat2,  SYS_creat,      SYS_close,      SYS_read,
    SYS_pread64,    SYS_readv,     SYS_write,    SYS_pwrite64,   SYS_writev,     SYS_stat,
    SYS_lstat,      SYS_fstat,     SYS_newfstatat, SYS_statx,    SYS_access,     SYS_faccessat,
    SYS_faccessat2, SYS_truncate,  SYS_ftruncate, SYS_fallocate, SYS_fcntl,      SYS_flock,
    SYS_fsync,      SYS_rename,    SYS_renameat, SYS_renameat2,  SYS_link,       SYS_linkat,
    SYS_symlink,    SYS_unlink,    SYS_unlinkat, SYS_mkdir,      SYS_mkdirat,    SYS_rmdir,
    SYS_chmod,      SYS_fchmod,    SYS_fchmodat, SYS_chown,      SYS_fchown,     SYS_getdents64,
    SYS_ioctl,      SYS_mmap,      SYS_munmap,   SYS_mremap,     SYS_shmget,     SYS_shmat,
    SYS_shmdt,      SYS_shmctl,    SYS_memfd_create, SYS_rt_sigprocmask,
};

// Is the call about memory that is shared, or only about the process's own?
bool IsShared(long number, const long* a) {
  const auto address = static_cast<uintptr_t>(a[0]);
  const auto length = static_cast<size_t>(a[1]);
  if (number == SYS_munmap) return IsKnown(address, length);
  if (number != SYS_mmap) return true;
  return (a[3] & MAP_TYPE) != MAP_PRIVATE || ((a[3] & MAP_FIXED) != 0 && IsKnown(address, length));
}

// Node's thread pool does two things of ours. It allocates for createAsync, while this thread
// waits: its calls are points. And it frees what has no name any more, beside this thread: those
// are none, since nobody else finds anything of it, nor is what wakes this thread up afterwards.
bool IsBeside(long number) {
  if (Raw(SYS_gettid) == Raw(SYS_getpid)) return false;
  return number == SYS_close || number == SYS_munmap || number == SYS_shmdt || number == SYS_write;
}

long DoCall(long number, const long* a) {
  const auto address = static_cast<uintptr_t>(a[0]);
  const auto length = static_cast<size_t>(a[1]);
  const bool fixed = number == SYS_mmap && (a[3] & MAP_FIXED) != 0;
  if (number == SYS_munmap || fixed) Forget(address, length);
  if (number == SYS_shmdt) Forget(address, 1);
  if (number == SYS_mremap) ProtectAll(PROT_READ | PROT_WRITE);
  const long result = Raw(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  if (number == SYS_mremap && armed) ProtectAll(PROT_READ);
  if (result < 0) return result;
  if (number == SYS_mmap && (a[3] & MAP_TYPE) == MAP_SHARED) {
    Watch(static_cast<uintptr_t>(result), length, kNone);
  } else if (number == SYS_shmat) {
    shmid_ds segment;
    if (Raw(SYS_shmctl, a[0], IPC_STAT, reinterpret_cast<long>(&segment)) == 0) {
      Watch(static_cast<uintptr_t>(result), segment.shm_segsz, kNone);
    }
  } else if (number == SYS_mremap) {
    Watch(static_cast<uintptr_t>(result), static_cast<size_t>(a[2]), kNone);
  }
  return result;
}

// As the call would, on the mask that the handler returns to; but ours are never blocked, as the
// kernel ends a process whose fault or trap is.
void Mask(ucontext_t* context, const long* a) {
  auto* mask = reinterpret_cast<uint64_t*>(&context->uc_sigmask);
  const auto* set = reinterpret_cast<const uint64_t*>(a[1]);
  const uint64_t old = *mask;
  if (set != nullptr) {
    const uint64_t asked = *set;
    *mask = a[0] == SIG_BLOCK ? old | asked : a[0] == SIG_UNBLOCK ? old & ~asked : asked;
    for (const int ours : {SIGSEGV, SIGTRAP, SIGSYS}) *mask &= ~(uint64_t{1} << (ours - 1));
  }
  if (a[2] != 0) *reinterpret_cast<uint64_t*>(a[2]) = old;
}

void OnCall(int, siginfo_t* info, void* context) {
  auto* registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  const long number = info->si_syscall;
  const long arguments[] = {static_cast<long>(registers[REG_RDI]),
                            static_cast<long>(registers[REG_RSI]),
                            static_cast<long>(registers[REG_RDX]),
                            static_cast<long>(registers[REG_R10]),
                            static_cast<long>(registers[REG_R8]),
                            static_cast<long>(registers[REG_R9])};
  if (number == SYS_rt_sigprocmask) {
    Mask(static_cast<ucontext_t*>(context), arguments);
    registers[REG_RAX] = 0;
    return;
  }
  const bool counts = armed && IsShared(number, arguments) && !IsBeside(number);
  if (counts) Point(kCall, static_cast<int32_t>(number));
  registers[REG_RAX] = DoCall(number, arguments);
}

bool Filter() {
  const auto pass = reinterpret_cast<uintptr_t>(KillProbeReturn);
  constexpr uint8_t calls = static_cast<uint8_t>(std::size(kCalls));
  sock_filter program[std::size(kCalls) + 9];
  size_t at = 0;
  const auto put = [&](uint16_t code, uint8_t yes, uint8_t no, size_t value) {
    program[at++] = sock_filter{code, yes, no, static_cast<uint32_t>(value)};
  };
  const auto field = [&](size_t offset) { put(BPF_LD | BPF_W | BPF_ABS, 0, 0, offset); };
  const uint16_t equal = BPF_JMP | BPF_JEQ | BPF_K;
  const size_t where = offsetof(seccomp_data, instruction_pointer);
  field(offsetof(seccomp_data, arch));
  put(equal, 0, static_cast<uint8_t>(5 + calls), AUDIT_ARCH_X86_64);
  field(where);
  put(equal, 0, 2, pass & 0xffffffff);
  field(where + 4);
  put(equal, static_cast<uint8_t>(1 + calls), 0, pass >> 32);
  field(offsetof(seccomp_data, nr));
  for (uint8_t index = 0; index < calls; index++) {
    put(equal, static_cast<uint8_t>(calls - index), 0, static_cast<size_t>(kCalls[index]));
  }
  put(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
  put(BPF_RET | BPF_K, 0, 0, SECCOMP_RET_TRAP);
  sock_fprog filter{static_cast<unsigned short>(at), program};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

}  // namespace

#endif
