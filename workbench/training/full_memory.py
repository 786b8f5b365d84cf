"""Which errors mean that memory is full. It needs no torch, so that everybody may ask."""

from __future__ import annotations

# What a RuntimeError says then: on the CPU, on a GPU of any kind, in CUDA's libraries, and in
# oneDNN, which has no better words.
_WORDS = (
    "DefaultCPUAllocator",
    "out of memory",
    "_STATUS_ALLOC_FAILED",
    "could not create a primitive",
    "could not create a memory object",
)


def is_memory_error(error: BaseException) -> bool:
    """Whether torch, one of its libraries or Python found no memory for what it wanted."""
    if isinstance(error, MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _WORDS)
