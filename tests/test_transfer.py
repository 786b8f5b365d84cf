"""Tensors on their way to a device. Without a GPU the device is the processor or ``meta``."""

import torch

from workbench.transfer import constant, to_device


def test_a_tensor_that_is_there_already_is_not_copied():
    x = torch.arange(3)
    assert to_device(x, torch.device("cpu")) is x


def test_a_tensor_goes_to_the_device():
    assert to_device(torch.arange(3), torch.device("meta")).device.type == "meta"


def test_a_constant_holds_its_values():
    found = constant(((1.0, 2.0), (3.0, 4.0)), torch.device("cpu"))
    assert torch.equal(found, torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
