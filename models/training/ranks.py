"""Training in several processes, one a device: who does what, and how they tell one another.

Started by `torchrun`, which sets the environment. Alone, everything here is the identity.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeVar

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

Item = TypeVar("Item")


@contextmanager
def together() -> Iterator[None]:
    """Meet the processes that torchrun started beside this one; alone, nothing happens."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield
        return
    backend = "nccl" if torch.cuda.is_available() else "gloo"
    if backend == "nccl":
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    distributed.init_process_group(backend)
    try:
        yield
    finally:
        distributed.destroy_process_group()


def count() -> int:
    return distributed.get_world_size() if distributed.is_initialized() else 1


def mine() -> int:
    """The number of this process, from 0: only that one writes files."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def share(items: Sequence[Item]) -> Sequence[Item]:
    """Those that this process does: every so many, so that `merged` can restore the order."""
    return items[mine() :: count()]


def merged(results: list[Item]) -> list[Item]:
    """The results of all processes for what they shared, in the order of all."""
    if count() == 1:
        return results
    parts: list[Any] = [None] * count()
    distributed.all_gather_object(parts, results)
    everything: list[Any] = [None] * sum(map(len, parts))
    for rank, part in enumerate(parts):
        everything[rank :: count()] = part
    return everything


def joined(network: nn.Module) -> nn.Module:
    """The network, its gradients averaged over all processes as it learns."""
    return DistributedDataParallel(network) if count() > 1 else network


def quiet(network: nn.Module, unless: bool) -> AbstractContextManager[None]:
    """Gradients are added up here and not told the others yet, `unless` it is time."""
    if isinstance(network, DistributedDataParallel) and not unless:
        found: AbstractContextManager[None] = network.no_sync()
        return found
    return nullcontext()
