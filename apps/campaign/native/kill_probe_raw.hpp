// System calls from one address, which the seccomp filter lets pass: the probe's own.
#ifndef DSM_CAMPAIGN_KILL_PROBE_RAW_HPP
#define DSM_CAMPAIGN_KILL_PROBE_RAW_HPP

// The one place from which system calls pass the filter.
extern "C" long KillProbeCall(long number, long, long, long, long, long, long);
extern "C" const char KillProbeReturn[];
asm(R"(
  .text
  .hidden KillProbeCall
  .hidden KillProbeReturn
  .globl KillProbeCall
  .globl KillProbeReturn
  .type KillProbeCall, @function
KillProbeCall:
  mov %rdi, %rax
  mov %rsi, %rdi
  mov %rdx, %rsi
  mov %rcx, %rdx
  mov %r8, %r10
  mov %r9, %r8
  mov 8(%rsp), %r9
  syscall
KillProbeReturn:
  ret
  .size KillProbeCall, . - KillProbeCall
)");

// The result, or minus an errno.
inline long Raw(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0,
                long f = 0) {
  return KillProbeCall(number, a, b, c, d, e, f);
}

#endif
