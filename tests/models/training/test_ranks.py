"""Two processes under torchrun do what one does; alone, everything is the identity."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from models.training import ranks
from models.training.course import Course, Places
from models.weights import Weights, read_weights
from tests.models.training.lessons import CPU, drawn, options

ROOT = Path(__file__).parents[3]
MEETING = """
import json, sys
from pathlib import Path
from models.training import ranks
from tests.models.training.test_ranks import taught

folder, found = sys.argv[1], {}
with ranks.together():
    for count in (0, 1, 2, 5, 8):
        mine = [10 * each for each in ranks.share(list(range(count)))]
        found[count] = [len(mine), ranks.merged(mine)]
    found["rank"] = [ranks.mine(), ranks.count()]
    Path(folder, f"{ranks.mine()}.json").write_text(json.dumps(found))
    taught(Path(folder), "together", mode="head+full")
    taught(Path(folder), "together", name="again", mode="head")
"""
RATE = 1e-4  # what rounding may make of a step grows with it
ALONE = {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(ROOT)}


def test_alone_there_is_nobody_to_share_with() -> None:
    assert (ranks.mine(), ranks.count()) == (0, 1)
    assert ranks.share([1, 2, 3]) == [1, 2, 3] and ranks.merged([3, 4]) == [3, 4]
    network = torch.nn.Linear(2, 2)
    assert ranks.joined(network) is network
    with ranks.together(), ranks.quiet(network, unless=False):
        assert ranks.count() == 1


def taught(place: Path, home: str, **chosen: Any) -> Path:
    """Teach a model in that home with the photographs of that place; its folder."""
    where = place / home
    places = Places(Weights(None, where), where / "models", where / "features.sqlite", CPU)
    course = Course(place / "flowers", options(batch=7, lr=RATE, **chosen), places)
    *_, last = course.steps()
    if ranks.mine() == 0:
        course.keep(last)
    return places.models / course.options.name


@pytest.fixture(scope="module")
def meeting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes left: they shared, taught a model, and another with what was known."""
    place = tmp_path_factory.mktemp("meeting")
    drawn(place / "flowers", {"train": 5, "val": 4})
    (place / "script.py").write_text(MEETING)
    done = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2",
         place / "script.py", place],
        env=os.environ | ALONE, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return place


def test_what_is_shared_comes_back_in_order(meeting: Path) -> None:
    for rank in (0, 1):
        found = json.loads((meeting / f"{rank}.json").read_text())
        assert found.pop("rank") == [rank, 2]
        for count, (mine, everything) in found.items():
            assert everything == [10 * each for each in range(int(count))]
            assert mine == (int(count) + 1 - rank) // 2


def card(model: Path) -> Any:
    return json.loads((model / "card.json").read_text())


def test_two_processes_teach_what_one_teaches(meeting: Path) -> None:
    one, two = taught(meeting, "alone", mode="head+full"), meeting / "together/models/flowers"
    wanted, found = (read_weights(each / "model.safetensors") for each in (one, two))
    assert wanted.keys() == found.keys()
    for name, value in wanted.items():
        if not name.startswith("familiarity."):  # around its optimum the cost is flat
            # Adam makes a whole step of a slope that is next to nothing: now and then another way.
            near = 1e-4 if name.startswith("trunk.") else 3e-3
            assert float((found[name] - value).norm()) <= near * float(value.norm()) + 1e-7, name
    assert card(two)["metrics"] == pytest.approx(card(one)["metrics"], abs=2e-3)
    losses = [[e["train_loss"] for e in card(each)["training"]["curves"]] for each in (one, two)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-3) and len(losses[0]) == 61


def test_two_processes_find_what_they_looked_at_before(meeting: Path) -> None:
    """Two more views of each photograph to learn from are new; the others are known."""
    one, two = (
        taught(meeting, "alone", name="again", mode="head"),
        meeting / "together/models/again",
    )
    assert card(two)["metrics"] == pytest.approx(card(one)["metrics"], abs=2e-3)
