"""What this machine can do for jobs: `python -m workers.ability` prints it as JSON.

A program of its own, because it loads torch, which takes seconds and memory that no parent process
should keep.
"""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass

from workers.settings import WorkerSettings


class NoAbility(Exception):
    """The device that MERIAN_DEVICE names is not here. The text says what to do."""


@dataclass(frozen=True)
class Ability:
    device: str
    """cpu, cuda or mps."""
    memory_bytes: int
    """Of the GPU; 0 where there is none, or it has no memory of its own."""

    @property
    def is_gpu(self) -> bool:
        return self.device != "cpu"


def ability() -> Ability:
    """That of this machine, by the settings of this environment. Raises `NoAbility`."""
    if WorkerSettings.from_env().device == "cpu":
        return Ability("cpu", 0)
    command = [sys.executable, "-m", "workers.ability"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    if told.returncode:
        raise NoAbility(told.stderr.strip().rpartition("\n")[2])
    return Ability(**json.loads(told.stdout))


def find_out() -> Ability:
    """Raises `DeviceUnavailable`."""
    import torch

    from models.devices import pick_device

    device = pick_device(WorkerSettings.from_env().device)
    memory = torch.cuda.mem_get_info(device)[1] if device.type == "cuda" else 0
    return Ability(device.type, memory)


if __name__ == "__main__":
    from models.devices import DeviceUnavailable

    try:
        print(json.dumps(asdict(find_out())))
    except DeviceUnavailable as missing:
        sys.exit(str(missing))
