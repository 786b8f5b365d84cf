"""A ring of keys: the projections of the last samples, of which the newest replace the oldest.

The keys are buffers of the task's module, so that they are in the checkpoint. Keys of a batch are
offered in the loss and enter after the optimizer step: a loss leaves the ring as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.lazy import F, nn, torch
from workbench.tasks.parts import heads

if TYPE_CHECKING:
    from workbench.data.dataset import DataInfo

# Keys older than some dozens of steps come from another network.
LARGEST = 4096
# Of few images, no more than this share, so that an image seldom meets its own older key.
SHARE = 0.5


def ring(size: int, width: int) -> nn.Module:
    """A module with buffers ``keys``, float (size, width), and ``position``, where the next goes.

    It begins with random directions of length 1, as MoCo's and NNCLR's do: a network that knows
    nothing is then at the chance level from the first step on.
    """
    queue: Any = heads.assemble(
        keys=F.normalize(torch.randn(size, width), dim=1),
        position=torch.zeros((), dtype=torch.int64),
    )
    queue.waiting = None
    return queue  # type: ignore[no-any-return]


def offer(queue: Any, keys: torch.Tensor) -> None:
    """Keep keys (B, width) until ``push`` writes them into the ring; a new offer replaces them."""
    queue.waiting = keys.detach()


def push(queue: Any) -> None:
    """Write the offered keys over the oldest ones. Of more keys than places the last are kept."""
    if queue.waiting is None:
        return
    size = len(queue.keys)
    newest = queue.waiting[-size:].to(queue.keys.dtype)
    slots = torch.arange(len(newest), device=newest.device) + queue.position
    queue.keys[slots % size] = newest
    queue.position.add_(len(newest)).remainder_(size)
    queue.waiting = None


def places(size: int | None, info: DataInfo) -> int:
    """How many keys the ring holds: ``size``, or half the training samples if it is None.

    Never more than there are training samples, as it would hold some of them twice.
    """
    samples = info.counts.get("train", 0)
    if size is None:
        return max(1, min(LARGEST, round(SHARE * samples)))
    return max(1, min(size, samples))


def places_notes(size: int | None, info: DataInfo) -> tuple[str, ...]:
    """One sentence where the data and not the user decided how many keys the ring holds."""
    count, samples = places(size, info), info.counts.get("train", 0)
    if size is None:
        return (
            f"The queue holds {count:,} keys, as there are {samples:,} training images; "
            "--set queue_size=N changes that.",
        )
    if count < size:
        return (
            f"The queue holds {count:,} keys in place of {size:,}: with more than there are "
            "training images it would hold images twice.",
        )
    return ()
