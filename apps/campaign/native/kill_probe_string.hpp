// Instructions that fill or copy a whole range: rep stos and rep movs, of which memset and memcpy
// make their long ranges. The trap flag stops after each byte of one, 65,000 times for a segment;
// so a store by one of them is done by the handler, in one go.
// Intel SDM vol. 2B, "REP", "STOS", "MOVS". Other instructions are none of its business.
#ifndef DSM_CAMPAIGN_KILL_PROBE_STRING_HPP
#define DSM_CAMPAIGN_KILL_PROBE_STRING_HPP

#include <ucontext.h>

#include <cstddef>
#include <cstdint>

namespace {

enum class StringOp { kNone, kStosb, kStosq, kMovsb, kMovsq };

struct StringInstruction {
  StringOp op = StringOp::kNone;
  size_t codeBytes = 0;
  size_t unitBytes = 0;
};

StringInstruction StringInstructionAt(const uint8_t* code) {
  constexpr uint8_t kRep = 0xf3;
  constexpr uint8_t kWide = 0x48;  // REX.W
  if (code[0] != kRep) return {};
  if (code[1] == 0xaa) return {StringOp::kStosb, 2, 1};
  if (code[1] == 0xa4) return {StringOp::kMovsb, 2, 1};
  if (code[1] == kWide && code[2] == 0xab) return {StringOp::kStosq, 3, 8};
  if (code[1] == kWide && code[2] == 0xa5) return {StringOp::kMovsq, 3, 8};
  return {};
}

// Does what the registers are about to do, if all of it goes to [start, start + length), and
// forwards. False: it changed nothing.
bool DoStringInstruction(greg_t* registers, uintptr_t start, size_t length) {
  constexpr greg_t kBackwards = 0x400;
  const auto* code = reinterpret_cast<const uint8_t*>(registers[REG_RIP]);
  const StringInstruction instruction = StringInstructionAt(code);
  if (instruction.op == StringOp::kNone || (registers[REG_EFL] & kBackwards) != 0) return false;
  auto to = static_cast<uintptr_t>(registers[REG_RDI]);
  auto count = static_cast<size_t>(registers[REG_RCX]);
  if (to < start || to - start >= length) return false;
  if (count > (length - (to - start)) / instruction.unitBytes) return false;
  auto from = static_cast<uintptr_t>(registers[REG_RSI]);
  const greg_t value = registers[REG_RAX];
  switch (instruction.op) {
    case StringOp::kStosb:
      asm volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(value) : "memory");
      break;
    case StringOp::kStosq:
      asm volatile("rep stosq" : "+D"(to), "+c"(count) : "a"(value) : "memory");
      break;
    case StringOp::kMovsb:
      asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
      break;
    default:
      asm volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
      break;
  }
  registers[REG_RDI] = static_cast<greg_t>(to);
  registers[REG_RSI] = static_cast<greg_t>(from);
  registers[REG_RCX] = 0;
  registers[REG_RIP] += static_cast<greg_t>(instruction.codeBytes);
  return true;
}

}  // namespace

#endif
