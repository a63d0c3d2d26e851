"""Python's multiprocessing.SharedMemory at the work of the trial `hand-over`.

The name of a block is sent to a process that lives on; it attaches, reads and closes. Each line of
the standard input is a number of repetitions; the answer is nanoseconds of one.
Arguments: bytes of the block; what is read: "first byte" or "every page".
"""
import sys
import time
from multiprocessing import Pipe, Process
from multiprocessing.shared_memory import SharedMemory

FIRST_BYTE = 0x5A
PAGE_BYTES = 4096


def receive(connection, reading):
    while True:
        name = connection.recv()
        if name is None:
            return
        block = SharedMemory(name=name)
        found = block.buf[0] if reading == "first byte" else sum(block.buf[::PAGE_BYTES])
        block.close()
        connection.send(found)


def main():
    size, reading = int(sys.argv[1]), sys.argv[2]
    wanted = FIRST_BYTE * (1 if reading == "first byte" else size // PAGE_BYTES)
    block = SharedMemory(create=True, size=size)
    try:
        block.buf[:] = bytes([FIRST_BYTE]) * size
        ours, theirs = Pipe()
        receiver = Process(target=receive, args=(theirs, reading), daemon=True)
        receiver.start()
        print("ready", flush=True)
        for line in sys.stdin:
            count = int(line)
            start = time.perf_counter_ns()
            for _ in range(count):
                ours.send(block.name)
                found = ours.recv()
                if found != wanted:
                    raise SystemExit(f"the receiver read {found}")
            print((time.perf_counter_ns() - start) / count, flush=True)
        ours.send(None)
        receiver.join()
    finally:
        block.close()
        block.unlink()


main()
