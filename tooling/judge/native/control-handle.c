// control-handle <shmid> <handle>: puts a control segment's handle into the System V header of a
// dead PostgreSQL server, as if that server had made it, and prints the one that stood there. It
// refuses a segment that is no such header, and one that anybody is attached to.
// A program of its own because Node has no shmat; it is no part of what it tests.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/shm.h>

enum { kMagicAt = 0, kHandleAt = 24, kSizeMin = 48 };
static const uint32_t kMagic = 679834894;

static int Refuse(const char* why) {
  fprintf(stderr, "%s\n", why);
  return 1;
}

int main(int count, char** words) {
  if (count != 3) return Refuse("usage: control-handle <shmid> <handle>");
  const int id = (int)strtol(words[1], NULL, 10);
  const uint32_t handle = (uint32_t)strtoul(words[2], NULL, 10);
  struct shmid_ds segment;
  if (shmctl(id, IPC_STAT, &segment) != 0) return Refuse("no such segment");
  if (segment.shm_segsz < kSizeMin) return Refuse("too short for a header");
  if (segment.shm_nattch != 0) return Refuse("somebody is attached");
  char* header = shmat(id, NULL, 0);
  if (header == (void*)-1) return Refuse("could not attach");
  if (*(uint32_t*)(header + kMagicAt) != kMagic) return Refuse("not a server's header");
  uint32_t* place = (uint32_t*)(header + kHandleAt);
  printf("%u\n", *place);
  *place = handle;
  return 0;
}
