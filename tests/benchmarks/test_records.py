"""Records outlive the run that made them."""

from pathlib import Path

from benchmarks.records import Records


def test_a_later_run_finds_what_was_measured(tmp_path: Path) -> None:
    path = tmp_path / "measured.jsonl"
    first = Records(path)
    first.add({"pair": "a", "changes": {"steps": 2}, "style": 0.5})
    first.add({"pair": "a", "changes": {}, "style": 0.6})
    again = Records(path)
    assert again.all == first.all
    assert again.find({"pair": "a", "changes": {}}) == {"pair": "a", "changes": {}, "style": 0.6}
    assert again.find({"pair": "b"}) is None


def test_the_latest_counts() -> None:
    records = Records()
    records.add({"pair": "a", "style": 0.5})
    records.add({"pair": "a", "style": 0.4})
    assert records.find({"pair": "a"}) == {"pair": "a", "style": 0.4}


def test_a_line_that_was_cut_off_harms_no_other(tmp_path: Path) -> None:
    path = tmp_path / "measured.jsonl"
    path.write_text('{"pair": "a"}\n{"pair": "b", "sty')
    records = Records(path)
    assert records.all == [{"pair": "a"}]
    records.add({"pair": "c"})
    assert Records(path).all == [{"pair": "a"}, {"pair": "c"}]
