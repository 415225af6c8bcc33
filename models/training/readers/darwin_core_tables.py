"""What `meta.xml` says of a Darwin Core Archive's tables (TDWG, Darwin Core Text Guide).

A document with a DOCTYPE is refused: nothing in it is ever expanded.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from xml.parsers import expat

from models.training.dataset import DataSetError
from models.training.readers.source import LONGEST, Source

META = "meta.xml"
ESCAPES = {"\\t": "\t", "\\n": "\n", "\\r": "\r", "\\\\": "\\"}


@dataclass
class Table:
    """A core or an extension. Terms and row types are the last part of their URI."""

    kind: str
    row_type: str
    delimiter: str
    quote: str
    skipped: int
    """Lines of header."""
    location: str = ""
    key: int = 0
    """The column of a core's id, or of an extension's core id."""
    columns: dict[int, str] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)


def tables(source: Source) -> tuple[Table, list[Table]]:
    """The core and the extensions. Raises `DataSetError`."""
    found: list[Table] = []
    inside: list[str] = []
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise DataSetError(f"{META}:{parser.CurrentLineNumber}: a DOCTYPE is not accepted.")

    def start(tag: str, about: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        inside.append(name)
        place = f"{META}:{parser.CurrentLineNumber}"
        if name in ("core", "extension"):
            found.append(_table(name, about, place))
        elif found and name in ("id", "coreid"):
            found[-1].key = _number(about.get("index", "0"), place)
        elif found and name == "field":
            term = _last(about.get("term", ""))
            if "index" in about:
                found[-1].columns[_number(about["index"], place)] = term
            if "default" in about:
                found[-1].defaults[term] = about["default"]

    def text(data: str) -> None:
        if found and inside[-1] == "location":
            found[-1].location += data.strip()

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: inside.pop()
    parser.CharacterDataHandler = text
    try:
        parser.Parse(source.bytes(META), True)
    except DataSetError:
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:  # also of an unknown encoding
        raise DataSetError(f"{META}:{parser.ErrorLineNumber}: this is not XML.") from error
    cores = [table for table in found if table.kind == "core"]
    if len(cores) != 1:
        raise DataSetError(f"{META}: it has {len(cores)} cores, not one.")
    return cores[0], [table for table in found if table.kind == "extension"]


def rows(source: Source, table: Table) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Place, id and terms of each row. Raises `DataSetError`."""
    path = source.find(table.location, META)
    name = path.relative_to(source.folder).as_posix()
    lines = StringIO(source.text(name), newline="")
    reader = csv.reader(
        lines, delimiter=table.delimiter, quotechar=table.quote or None, strict=True,
        quoting=csv.QUOTE_MINIMAL if table.quote else csv.QUOTE_NONE,
    )  # fmt: skip
    try:
        for number, row in enumerate(reader):
            if number < table.skipped or not any(row):
                continue
            place = f"{name}:{reader.line_num}"
            if len(row) <= max(table.key, *table.columns, 0):
                raise DataSetError(f"{place}: the line has fewer fields than {META} says.")
            told = {term: row[index].strip() for index, term in table.columns.items()}
            terms = table.defaults | {term: value for term, value in told.items() if value}
            yield place, row[table.key].strip(), terms
    except csv.Error as error:
        raise DataSetError(f"{name}:{reader.line_num}: the table is damaged ({error}).") from error


def _table(kind: str, about: dict[str, str], place: str) -> Table:
    delimiter, quote = (
        ESCAPES.get(about.get(name, default), about.get(name, default))
        for name, default in (("fieldsTerminatedBy", ","), ("fieldsEnclosedBy", '"'))
    )
    if len(delimiter) != 1 or len(quote) > 1 or delimiter in "\r\n" or quote == delimiter:
        raise DataSetError(f"{place}: fields must be parted by one character.")
    skipped = _number(about.get("ignoreHeaderLines", "0"), place)
    return Table(kind, _last(about.get("rowType", "")), delimiter, quote, skipped)


def _number(text: str, place: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise DataSetError(f"{place}: {text[:LONGEST]!r} is no index.")
    return int(text)


def _last(uri: str) -> str:
    return uri.rstrip("/").rpartition("/")[2].rpartition("#")[2]
