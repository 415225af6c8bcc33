"""Errors that a person can mend, told as such."""

from collections.abc import Iterator
from contextlib import contextmanager

import click


@contextmanager
def told_plainly(*mendable: type[Exception]) -> Iterator[None]:
    """These errors become one sentence and exit status 1; others are ours to mend."""
    try:
        yield
    except mendable as failure:
        raise click.ClickException(str(failure)) from failure
