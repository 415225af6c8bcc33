"""Picking a device."""

import os

import pytest
import torch

from models.devices import DeviceUnavailable, pick_device, use_threads


def test_auto_finds_a_device_that_computes() -> None:
    device = pick_device()
    assert (torch.ones(2, device=device) * 2).sum().item() == 4


def test_the_cpu_gets_every_core_this_process_may_use() -> None:
    assert pick_device("cpu") == torch.device("cpu")
    if hasattr(os, "sched_getaffinity"):
        assert torch.get_num_threads() == len(os.sched_getaffinity(0))


def test_small_work_is_left_to_one_thread_and_all_come_back() -> None:
    use_threads(torch.device("cpu"), most=1)
    assert torch.get_num_threads() == 1
    use_threads(torch.device("cpu"))
    if hasattr(os, "sched_getaffinity"):
        assert torch.get_num_threads() == len(os.sched_getaffinity(0))


@pytest.mark.parametrize("name", ["toaster", "cuda:99", "cuda:x", "mps:7x", ""])
def test_a_device_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(DeviceUnavailable, match="device"):
        pick_device(name)
