"""The Spanish catalogue holds all that pages say: no more, no less, with the same values."""

import ast
import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract
from flask import Flask

from app.errors import KINDS
from app.formats import label
from app.languages import LANGUAGES, PLACEHOLDER, gettext, read_catalogue, say
from app.samples import read_samples
from models.options import type_names
from models.procedural.gallery import DRAWINGS
from models.procedural.photographs import PHOTOGRAPHS
from models.species.answers import REASONS
from models.species.options import IdentifyOptions
from models.species.registry import Registry
from models.species.taxonomy import RANKS
from models.style.options import PaintOptions
from models.training.dataset import SPLITS
from models.training.options import TrainOptions
from models.training.reading import READERS

ROOT = Path(__file__).parents[2]
LOSSES = ("Content", "Style", "Smoothness", "Total")
# Sentences for people are made in these; pages show them through `say`.
SPEAKERS = {
    "Refusal", "PictureError", "InvalidOption", "Failure", "WeightsMissing", "WeightsDamaged",
    "DeviceUnavailable", "NotEnoughMemory", "progress_of", "Progress", "UnknownModel",
    "Step", "_step", "_look", "_told", "DataSetError", "NameTaken", "FeaturesMissing",
    "UnknownNetwork", "_counted", "append", "_File",
}  # fmt: skip
# A field's name is part of these; a form of ours cannot cause them.
NOT_ON_PAGES = ("is not a field", "one of organs", "Last-Event-ID is")
TRANSLATIONS = [name for name in LANGUAGES if name != "en"]


def from_templates() -> Iterator[str]:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        yield from extracted("jinja2.ext:babel_extract", path)


def from_pages() -> Iterator[str]:
    for path in sorted((ROOT / "app").rglob("*.py")):
        yield from extracted("python", path)


def extracted(method: str, path: Path) -> Iterator[str]:
    options = {"silent": "false", "newstyle_gettext": "true"}
    for _, message, _, _ in extract(method, BytesIO(path.read_bytes()), options=options):
        yield message if isinstance(message, str) else message[0]


def from_data() -> Iterator[str]:
    """What templates translate by name: options, samples, losses."""
    options = (PaintOptions, IdentifyOptions, TrainOptions)
    for option in (each for kind in options for each in kind.describe()):
        yield from (label(option.name), option.help, *option.choices)
    yield from (*RANKS, *REASONS.values(), *SPLITS)
    for model in Registry(Path("/nowhere")).models():
        yield from map(label, model.card.metrics)
        yield model.card.training_data
    yield from (sample.title for sample in [*read_samples().values(), *DRAWINGS, *PHOTOGRAPHS])
    yield from LOSSES
    yield ", ".join(READERS)


def from_errors() -> Iterator[str]:
    """Sentences of the layers below as they arrive: with values (here a 7) in them."""
    yield from (kind.meaning for kind in KINDS.values())
    yield from (f"must be {name}." for name in type_names.values())
    for folder in ("app", "models", "workers"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield from spoken(ast.parse(path.read_text("utf-8")))


def spoken(tree: ast.Module) -> Iterator[str]:
    constants = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        for told in told_by(node):
            said = sentence(told, constants)
            if re.fullmatch(r"[A-Z][a-z ]+", said):  # what a worker does now
                yield f"{said} …"
            elif re.fullmatch(r".+ .+(\.|: 7)", said):
                yield said


def told_by(node: ast.AST) -> list[ast.expr]:
    """What may be a sentence: told to one of the speakers, or yielded."""
    match node:
        case ast.Call(args=arguments) if called(node) in SPEAKERS:
            return arguments
        case ast.Yield(value=ast.expr() as value):
            return [value]
    return []


def called(call: ast.Call) -> str:
    """The name of what is called, of a method without what it is of."""
    return str(getattr(call.func, "id", getattr(call.func, "attr", "")))


def sentence(argument: ast.expr, constants: dict[str, object]) -> str:
    match argument:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(str(p.value) if isinstance(p, ast.Constant) else "7" for p in parts)
        case ast.Name(id=name):
            return str(constants.get(name, ""))
    return ""


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_everything_on_pages_is_translated(language: str) -> None:
    catalogue = read_catalogue(language)
    used = {*from_templates(), *from_pages(), *from_data()}
    missing = [text for text in used if text and not (text in catalogue and catalogue[text].string)]
    assert sorted(missing) == []


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_every_error_is_translated(app: Flask, language: str) -> None:
    said = [text for text in from_errors() if not any(part in text for part in NOT_ON_PAGES)]
    assert len(said) > 40
    # Each by its own entry: a shorter pattern may match, but translates half of it.
    own = {
        PLACEHOLDER.sub("7", message_id(each.id)): PLACEHOLDER.sub("7", str(each.string))
        for each in read_catalogue(language)
    }
    with app.test_request_context(headers={"Accept-Language": language}):
        assert sorted({text for text in said if say(text) != own.get(text)}) == []


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_nothing_in_the_catalogue_is_unused(app: Flask, language: str) -> None:
    used = {*from_templates(), *from_pages(), *from_data(), *from_errors()}
    ids = [message_id(each.id) for each in read_catalogue(language) if each.id]
    kept = [each for each in ids if each not in used and not PLACEHOLDER.search(each)]
    # Parts of sentences, which `say` finds inside of others.
    parts = ("Use JPEG", "SVG drawings", "The file is not a picture.")
    assert [each for each in kept if not each.startswith(parts)] == []


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_translations_keep_the_values(language: str) -> None:
    for each in read_catalogue(language):
        if each.id:
            texts = each.string if isinstance(each.string, tuple) else (each.string,)
            wanted = set(PLACEHOLDER.findall(message_id(each.id)))
            assert all(set(PLACEHOLDER.findall(text)) == wanted for text in texts), each.id


def test_a_finished_sentence_keeps_its_values(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "es-MX,es;q=0.9"}):
        assert say("must be at least 64.") == "debe ser como mínimo 64."
        assert say("GIMP files cannot be used. Use JPEG, PNG, WebP, AVIF, HEIC, GIF or TIFF.") == (
            "No se pueden usar archivos GIMP. Usa JPEG, PNG, WebP, AVIF, HEIC, GIF o TIFF."
        )
        assert say("Nobody ever translated this.") == "Nobody ever translated this."


def test_the_empty_sentence_is_not_the_catalogues_header(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "es"}):
        assert gettext("") == say("") == ""


def message_id(id: str | Sequence[str]) -> str:
    return id if isinstance(id, str) else id[0]


def test_words_of_programs_are_written_for_people_in_english_too(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert (gettext("tiff16"), gettext("lbfgs")) == ("TIFF, 16 bits", "L-BFGS")
    used = {*from_data()}
    assert [each.id for each in read_catalogue("en") if each.id and each.id not in used] == []


def test_values_are_not_taken_for_sentences(app: Flask) -> None:
    """A label that reads like a message for numbers is carried over as it is."""
    with app.test_request_context(headers={"Accept-Language": "es"}):
        assert say("Rose of Jericho") == "Rose of Jericho"
