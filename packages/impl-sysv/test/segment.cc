// A stranger to dsm that makes, shows and removes System V segments, as any program may:
//   segment make <key> <bytes> <mode> <creator uid> <owner uid>   prints the id
//   segment show <id>                                             "<nattch> <bytes> <mode> <uid>"
//   segment remove <id>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

int main(int count, char** words) {
  const std::string verb = count > 2 ? words[1] : "";
  const auto number = [&](int index, int base = 10) {
    return count > index ? std::strtol(words[index], nullptr, base) : 0;
  };
  shmid_ds segment{};
  if (verb == "make") {
    const auto creator = static_cast<uid_t>(number(5));
    if (creator != geteuid() && setuid(creator) != 0) return 2;
    const int flags = static_cast<int>(number(4, 8)) | IPC_CREAT | IPC_EXCL;
    const int id = shmget(static_cast<key_t>(number(2)), static_cast<size_t>(number(3)), flags);
    if (id < 0 || shmctl(id, IPC_STAT, &segment) != 0) return 3;
    segment.shm_perm.uid = static_cast<uid_t>(number(6));
    if (segment.shm_perm.uid != creator && shmctl(id, IPC_SET, &segment) != 0) return 4;
    std::printf("%d\n", id);
    return 0;
  }
  const int id = static_cast<int>(number(2));
  if (verb == "remove") return shmctl(id, IPC_RMID, nullptr) == 0 ? 0 : 5;
  if (verb != "show" || shmctl(id, IPC_STAT, &segment) != 0) return 6;
  std::printf("%lu %zu %o %u\n", segment.shm_nattch, segment.shm_segsz,
              static_cast<unsigned>(segment.shm_perm.mode), segment.shm_perm.uid);
  return 0;
}
