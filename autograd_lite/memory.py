"""Freed memory stays with the process, so that the next training step finds it mapped."""

import numpy as np

LARGEST = 31 << 20  # bytes; glibc learns from blocks below 32 MB


def keep_freed_memory():
    """Let the allocator keep what arrays free, up to twice `LARGEST`.

    At first glibc returns memory to the system as soon as a few megabytes are free. A step that
    frees its arrays and makes new ones then pays for mapping each page again, which takes as long
    as computing with it. Each time a block of up to 32 MB is freed, these limits grow to fit such
    blocks; so one such block is made and freed, without being touched (10 µs). Other allocators
    do not mind.
    """
    np.empty(LARGEST, np.uint8)
