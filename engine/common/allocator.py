"""Has the C library give memory back to the system."""

import ctypes
from functools import cache
from typing import Final

_M_MMAP_THRESHOLD: Final = -3  # malloc.h of glibc
BLOCK: Final = 2**20
"""Bytes from which on a block is mapped by itself. Mapping takes time: decoding 3 MB of JSON takes 6 % longer with it,
and 12 % longer with a quarter of it."""


@cache
def map_large_blocks() -> None:
    """Map each large block by itself, so that it is the system's again as soon as it is freed.

    glibc begins like that, but raises its threshold up to 32 MiB when such a block is freed (mallopt(3)). Bodies that
    grow beside each other then leave gaps in its heap that none of them fits in: 182 MiB were held for 64. Other C
    libraries have no such threshold, and nothing is set there.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, BLOCK)
