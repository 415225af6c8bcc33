"""The counts of the species benchmark, on photographs that ship with Merian."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.naming import DAISIES, MONARCHS, SPECIES, Seen, counted, main
from models.species.answers import Answer, Guess
from models.species.taxonomy import RANKS, Taxon

SAMPLES = Path(__file__).parents[2] / "static" / "samples" / "content"
MONARCH = (*SPECIES[MONARCHS].split(), "Danaus plexippus")


def seen(*lineage: str, reason: str = "") -> Seen:
    guess = Guess(Taxon(lineage), 0.9)
    answer = Answer("m", (guess,), (guess,), guess, None, 0.9, reason)
    return Seen(MONARCHS, dict(zip(RANKS, MONARCH, strict=True)), answer)


@pytest.mark.parametrize(
    ("lineage", "right"),
    [(MONARCH, True), (MONARCH[:4], True), ((*MONARCH[:4], "Pieridae"), False)],
)
def test_a_rollup_is_right_at_the_rank_that_it_states(
    lineage: tuple[str, ...], right: bool
) -> None:
    assert seen(*lineage).right is right


def test_what_is_rejected_is_not_counted_as_answered() -> None:
    figures = counted([seen(*MONARCH), seen(*MONARCH[:5], reason="unsure")])
    assert figures["monarchs, top-1 species"] == (1, 2)
    assert figures["known species rejected"] == (1, 2)
    assert figures["roll-up right at its rank"] == (1, 1)


def test_real_photographs(tmp_path: Path) -> None:
    """A cat in the daisies' folder is no daisy; a cup is a thing."""
    folder, things = tmp_path / "species" / DAISIES, tmp_path / "things"
    folder.mkdir(parents=True)
    things.mkdir()
    shutil.copy(SAMPLES / "chelsea.jpg", folder)
    shutil.copy(SAMPLES / "coffee.jpg", things)
    output = tmp_path / "figures.json"
    arguments = ["--species", tmp_path / "species", "--things", things, "--json", output]
    done = CliRunner().invoke(main, [str(each) for each in arguments])
    assert done.exit_code == 0, done.output
    figures = json.loads(output.read_text())
    assert figures["daisies, top-5"] == [0, 1]
    assert figures["things rejected"] == [1, 1]
