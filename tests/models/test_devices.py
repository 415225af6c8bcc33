"""Picking a device."""

import os

import pytest
import torch

from models.devices import DeviceUnavailable, memory_for, pick_device, precision_on, use_threads
from models.memory import machine_memory


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


def test_the_cpu_computes_in_float32_with_most_of_the_memory() -> None:
    cpu = torch.device("cpu")
    assert precision_on(cpu) == torch.float32
    assert memory_for(cpu, 0) == int(0.8 * machine_memory())
    assert memory_for(cpu, 900) == 900_000_000


@pytest.mark.parametrize(
    ("capability", "wanted"), [((7, 5), torch.float32), ((9, 0), torch.bfloat16)]
)
def test_a_gpu_computes_in_bfloat16_if_it_can(
    monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int], wanted: torch.dtype
) -> None:
    """Only what is decided: there is no GPU in CI."""
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (1, 40_000))
    assert precision_on(torch.device("cuda")) == wanted
    assert memory_for(torch.device("cuda"), 0) == 32_000
