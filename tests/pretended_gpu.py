"""A pretended GPU: tensors that compute on the processor, and behave as if they were elsewhere.

Such a tensor says that its device is ``DEVICE``. An operation that mixes it with a tensor of the
processor fails, as on a GPU; so does one with a generator of the processor. What would make the
host wait for a GPU (``.item()``, ``.tolist()``, ``nonzero``, a mask as an index) is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

# A device that every build of torch knows, and on which nothing real is computed.
DEVICE = torch.device("meta")
CPU = torch.device("cpu")
_aten = torch.ops.aten
_WAITS = {
    _aten._local_scalar_dense.default: "item",
    _aten.nonzero.default: "nonzero",
    _aten.masked_select.default: "masked_select",
    _aten.equal.default: "equal",
    _aten.is_nonzero.default: "item",
}
_INDEXING = {_aten.index.Tensor, _aten.index_put.default, _aten.index_put_.default}


class MixedDevicesError(RuntimeError):
    """An operation has tensors, or a generator, of two devices."""


class GpuTensor(torch.Tensor):
    """on_processor: the values, on the processor."""

    on_processor: torch.Tensor

    @staticmethod
    def __new__(cls, on_processor: torch.Tensor) -> GpuTensor:
        return torch.Tensor._make_wrapper_subclass(  # type: ignore[attr-defined, no-any-return]
            cls,
            on_processor.size(),
            strides=on_processor.stride(),
            storage_offset=on_processor.storage_offset(),
            dtype=on_processor.dtype,
            device=DEVICE,
            requires_grad=on_processor.requires_grad,
        )

    def __init__(self, on_processor: torch.Tensor):
        self.on_processor = on_processor

    def __repr__(self) -> str:  # type: ignore[override]
        return f"GpuTensor({self.on_processor!r})"

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        raise RuntimeError(f"{func} outside of pretend_gpu()")


def _on_processor(x: Any) -> Any:
    return x.on_processor if isinstance(x, GpuTensor) else x


class GpuGenerator(torch.Generator):
    """A generator of the pretended GPU."""

    @property
    def device(self) -> torch.device:  # type: ignore[override]
        return DEVICE


class _Gpu(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.waits: Counter[str] = Counter()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        leaves, _ = tree_flatten((args, kwargs))
        on_gpu = any(isinstance(leaf, GpuTensor) for leaf in leaves)
        wanted = kwargs.get("device")
        to_gpu = wanted is not None and torch.device(wanted) == DEVICE
        if wanted is not None:
            kwargs["device"] = CPU
        copies = func in (_aten._to_copy.default, _aten.copy_.default)
        if on_gpu and not copies:
            self._check_devices(func, leaves)
        self._count_waits(func, args, leaves, on_gpu, wanted)
        args_inside, kwargs_inside = tree_map(_on_processor, (args, kwargs))
        out = func(*args_inside, **kwargs_inside)
        if func is _aten.copy_.default:
            return args[0]
        stays = to_gpu if wanted is not None else on_gpu
        if not stays:
            return out
        return self._wrap(out, leaves)

    @staticmethod
    def _wrap(out: Any, leaves: list[Any]) -> Any:
        known = {id(leaf.on_processor): leaf for leaf in leaves if isinstance(leaf, GpuTensor)}

        def wrapped(x: Any) -> Any:
            if not isinstance(x, torch.Tensor):
                return x
            # What changed in place is the tensor that was given.
            return known[id(x)] if id(x) in known else GpuTensor(x)

        return tree_map(wrapped, out)

    @staticmethod
    def _check_devices(func: Any, leaves: list[Any]) -> None:
        for leaf in leaves:
            elsewhere = isinstance(leaf, torch.Tensor) and not isinstance(leaf, GpuTensor)
            # A number without dimensions may come from the processor.
            if elsewhere and leaf.ndim:
                raise MixedDevicesError(f"{func} has tensors of the processor and of the GPU")

    def _count_waits(
        self, func: Any, args: Any, leaves: list[Any], on_gpu: bool, wanted: Any
    ) -> None:
        if not on_gpu:
            return
        if func in _WAITS:
            self.waits[_WAITS[func]] += 1
        elif func in _INDEXING:
            masks = (torch.bool, torch.uint8)
            if any(isinstance(leaf, torch.Tensor) and leaf.dtype in masks for leaf in args[1]):
                self.waits["mask as an index"] += 1
        elif func is _aten._to_copy.default and torch.device(wanted or DEVICE) != DEVICE:
            self.waits["copy to the processor"] += 1


class _Calls(TorchFunctionMode):
    """Sees generators before torch makes plain ones of them, and lists before torch refuses them.

    waits: the counts of ``_Gpu``.
    """

    def __init__(self, waits: Counter[str]):
        super().__init__()
        self._waits = waits

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in (torch.Tensor.tolist, torch.Tensor.numpy) and isinstance(args[0], GpuTensor):
            self._waits[func.__name__] += 1
            return func(args[0].on_processor.detach())
        leaves, _ = tree_flatten((args, kwargs))
        generators = [leaf for leaf in leaves if isinstance(leaf, torch.Generator)]
        if generators:
            wanted = kwargs.get("device")
            on_gpu = any(isinstance(leaf, GpuTensor) for leaf in leaves)
            on_gpu = on_gpu if wanted is None else torch.device(wanted) == DEVICE
            if any((one.device == DEVICE) != on_gpu for one in generators):
                raise MixedDevicesError(f"{func} has a generator of another device")
        return func(*args, **kwargs)


@contextmanager
def pretend_gpu() -> Iterator[Counter[str]]:
    """Inside, ``DEVICE`` is a GPU. Gives what makes the host wait for it, counted by kind."""
    begin = torch.autocast.__init__

    def of_processor(self: Any, device_type: str, *args: Any, **kwargs: Any) -> None:
        begin(self, "cpu" if device_type == DEVICE.type else device_type, *args, **kwargs)

    gpu = _Gpu()
    with mock.patch.object(torch.autocast, "__init__", of_processor), _Calls(gpu.waits), gpu:
        yield gpu.waits
