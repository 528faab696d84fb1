"""Files that hand an object to other processes of this machine, which share the memory of its arrays."""

from __future__ import annotations

import mmap
import os
import pickle
from pathlib import Path
from typing import Any

#: Arrays begin at multiples of so many bytes, as numpy lays them out itself.
_STEP = 64


def write(path: Path, what: object) -> None:
    """Write an object to a file, its arrays behind it.

    Parameters
    ----------
    path : pathlib.Path
        The file; whoever reads it meanwhile finds none, or that of before.
    what : object
        Anything that can be pickled.
    """
    arrays: list[pickle.PickleBuffer] = []
    told = pickle.dumps(what, protocol=5, buffer_callback=arrays.append)
    raw = [array.raw() for array in arrays]
    own = path.with_name(f"{path.name}.{os.getpid()}")
    with own.open("wb") as file:
        pickle.dump((told, [array.nbytes for array in raw]), file, protocol=5)
        for array in raw:
            file.write(bytes(-file.tell() % _STEP))
            file.write(array)
    own.replace(path)


def read(path: Path) -> Any:
    """Read an object that :func:`write` wrote, and in which others cannot see what is changed.

    Parameters
    ----------
    path : pathlib.Path
        A file that was written by this project, since reading it runs what it says.

    Returns
    -------
    object
        Of its arrays only what is looked at is read, and processes that read the same share it.
    """
    with path.open("rb") as file:
        told, sizes = pickle.load(file)
        place, arrays = file.tell(), []
        held = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
    for size in sizes:
        place += -place % _STEP
        arrays.append(held[place : place + size])
        place += size
    return pickle.loads(told, buffers=arrays)
