"""Darwin Core Archives."""

from pathlib import Path

from models.training.readers import darwin_core
from tests.models.training.miniatures import META, told
from tests.models.training.miniatures import darwin_core as made

MONARCH = "Danaus plexippus (Linnaeus, 1758)"


def test_read_as_made(tmp_path: Path) -> None:
    assert darwin_core.matches(made(tmp_path))
    found = darwin_core.read(tmp_path)
    assert told(found) == [
        ("media/l 1.jpg", "Vanessa cardui", "", "urn:x:2"),
        ("media/l2.jpg", "Vanessa cardui", "", "3"),
        ("media/m1.jpg", MONARCH, "", "urn:x:1"),
        ("media/m2.jpg", MONARCH, "", "urn:x:1"),
    ]
    assert found.taxa[MONARCH].known_ranks == {
        "kingdom": "Animalia", "family": "Nymphalidae", "genus": "Danaus",
        "species": "Danaus plexippus",
    }  # fmt: skip
    assert found.notes == ("1 media files are on the web only and were left out.",)


def test_an_author_that_is_told_apart_is_not_of_the_label(tmp_path: Path) -> None:
    made(tmp_path)
    meta = META.replace("terms/family", "terms/scientificNameAuthorship")
    (tmp_path / "meta.xml").write_text(meta)
    rows = (tmp_path / "occurrence.txt").read_text()
    rows = rows.replace("1758)\tNymphalidae", "1758)\t(Linnaeus, 1758)")
    (tmp_path / "occurrence.txt").write_text(rows)
    assert darwin_core.read(tmp_path).labels == ("Danaus plexippus", "Vanessa cardui")


def test_what_is_no_photograph_and_what_is_not_certain_is_left_out(tmp_path: Path) -> None:
    """A recording; and a name on the web which two files here have."""
    made(tmp_path)
    (tmp_path / "media/song.wav").write_bytes(b"RIFF")
    (tmp_path / "other").mkdir()
    (tmp_path / "other/m2.jpg").write_bytes((tmp_path / "media/m1.jpg").read_bytes())
    with (tmp_path / "multimedia.txt").open("a") as file:
        file.write("2,,media/song.wav\n")
    found = darwin_core.read(tmp_path)
    assert sorted(each.path.name for each in found.photographs) == ["l 1.jpg", "l2.jpg", "m1.jpg"]
    assert found.notes == ("2 media files are on the web only and were left out.",)


def test_accepts_audubon_core(tmp_path: Path) -> None:
    made(tmp_path)
    meta = META.replace(
        "http://rs.gbif.org/terms/1.0/Multimedia", "http://rs.tdwg.org/ac/terms/Multimedia"
    )
    meta = meta.replace(
        "http://purl.org/dc/terms/identifier", "http://rs.tdwg.org/ac/terms/accessURI"
    )
    (tmp_path / "meta.xml").write_text(meta)
    assert len(darwin_core.read(tmp_path).photographs) == 4
