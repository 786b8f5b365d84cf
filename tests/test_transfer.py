"""Tensors on their way to a device. Without a GPU the device is the processor or ``meta``."""

import torch

from workbench.transfer import constant, to_device


def test_a_tensor_that_is_there_already_is_not_copied():
    x = torch.arange(3)
    assert to_device(x, torch.device("cpu")) is x


def test_a_tensor_goes_to_the_device():
    assert to_device(torch.arange(3), torch.device("meta")).device.type == "meta"


def test_a_constant_holds_its_values():
    cpu = torch.device("cpu")
    found = constant(((1.0, 2.0), (3.0, 4.0)), cpu, torch.float32)
    assert torch.equal(found, torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    assert constant(((1.0, 2.0), (3.0, 4.0)), cpu, torch.float32) is found
    assert constant((1,), cpu, torch.int64).dtype == torch.int64
    assert constant((1,), cpu, torch.float64).dtype == torch.float64
