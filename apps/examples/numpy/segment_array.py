"""The Python half: a NumPy array over a segment that Node made.

Node decides how long the memory lives. Python's resource tracker would remove it when this program
ends, under everybody's feet, so it is kept off.
"""
import sys
from multiprocessing import resource_tracker, shared_memory

import numpy


def open_segment(os_name):
    name = os_name.lstrip("/")
    try:
        return shared_memory.SharedMemory(name=name, track=False)  # Python 3.13 and later
    except TypeError:
        memory = shared_memory.SharedMemory(name=name)
        resource_tracker.unregister(memory._name, "shared_memory")
        return memory


command, os_name, *shape = sys.argv[1:]
memory = open_segment(os_name)
array = numpy.ndarray([int(size) for size in shape], dtype=numpy.float64, buffer=memory.buf)

if command == "write":
    rows, columns = array.shape
    array[:] = numpy.add.outer(numpy.arange(rows) * 10, numpy.arange(columns))
else:
    print(f"NumPy reads {array.size} numbers: mean {array.mean():.3f}, maximum {array.max():.3f}")

del array  # a view of the memory must not outlive it
memory.close()
