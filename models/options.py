"""Options as frozen dataclasses: one place for defaults, ranges and help texts.

The form, the REST schema, the command line and the documentation all read the
same fields, so that none of them can say something else than the engine does.
Imports no torch: the web process reads this too.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Any, Self

type_names = {int: "a whole number", float: "a number", str: "a word", bool: "yes or no"}


class InvalidOption(ValueError):
    """A value that an option does not take. `name` is the option, `reason` a sentence."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


@dataclass(frozen=True)
class Option:
    """One option as forms, schemas, command line and docs see it."""

    name: str
    type: type[int] | type[float] | type[str] | type[bool]
    default: Any
    help: str
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()
    pattern: str = ""
    """What a text other than the empty one must look like, as a regular expression."""

    def check(self, value: Any) -> Any:
        """`value` in the option's type; text is read as a form sends it. Raises `InvalidOption`."""
        value = self._typed(value)
        if self.choices and value not in self.choices:
            raise InvalidOption(self.name, f"must be one of {', '.join(self.choices)}.")
        if self.pattern and value and not re.fullmatch(self.pattern, value):
            raise InvalidOption(self.name, "is not written as its help says.")
        if self.minimum is not None and value < self.minimum:
            raise InvalidOption(self.name, f"must be at least {self.minimum:g}.")
        if self.maximum is not None and value > self.maximum:
            raise InvalidOption(self.name, f"must be at most {self.maximum:g}.")
        return value

    def _typed(self, value: Any) -> Any:
        wrong = InvalidOption(self.name, f"must be {type_names[self.type]}.")
        if self.type is bool:
            words = {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}
            if isinstance(value, bool):
                return value
            if str(value).lower() not in words:
                raise wrong
            return words[str(value).lower()]
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise wrong
        if self.type is int and isinstance(value, float):
            raise wrong
        try:
            typed = self.type(value)
        except ValueError:
            raise wrong from None
        if isinstance(typed, float) and not math.isfinite(typed):
            raise wrong
        return typed


def option(
    default: Any,
    help: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    step: float | None = None,
    unit: str = "",
    choices: tuple[str, ...] = (),
    pattern: str = "",
) -> Any:
    """A dataclass field that carries what forms, schemas, command line and docs need to know."""
    about = {
        "help": help, "minimum": minimum, "maximum": maximum,
        "step": step, "unit": unit, "choices": choices, "pattern": pattern,
    }  # fmt: skip
    return field(default=default, metadata=about)


@dataclass(frozen=True)
class Options:
    """Base of every set of options: values are checked when the dataclass is made."""

    def __post_init__(self) -> None:
        for each in self.describe():
            object.__setattr__(self, each.name, each.check(getattr(self, each.name)))

    @classmethod
    def describe(cls) -> Iterator[Option]:
        """The options in the order in which a form shows them."""
        for each in fields(cls):
            assert each.default is not MISSING
            yield Option(each.name, type(each.default), each.default, **each.metadata)

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Self:
        """Options from named values (a form, a JSON object); an empty text means the default.

        Raises `InvalidOption` for a value out of range and for a name that is not an option.
        """
        known = {each.name for each in cls.describe()}
        for name in values:
            if name not in known:
                raise InvalidOption(
                    name, f"is not an option. Options are {', '.join(sorted(known))}."
                )
        return cls(**{name: value for name, value in values.items() if value != ""})

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
