"""Questions that arrive together are answered by one look: cheaper than a look for each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass
class Question(Generic[Item, Result]):
    items: Sequence[Item]
    results: list[Result] = field(default_factory=list)
    error: Exception | None = None
    answered: bool = False


class Together(Generic[Item, Result]):
    """Calls `look` with the items of every thread that waits by then, one call at a time.

    Whoever gets the turn looks for all; the others find their results when theirs comes.
    """

    def __init__(self, look: Callable[[Sequence[Item]], list[Result]]) -> None:
        self.look = look
        self._turn = Lock()
        self._door = Lock()
        self._waiting: list[Question[Item, Result]] = []

    def __call__(self, items: Sequence[Item]) -> list[Result]:
        """A result for each item, in order. What `look` raises, all who shared it get."""
        mine: Question[Item, Result] = Question(items)
        with self._door:
            self._waiting.append(mine)
        with self._turn:
            if not mine.answered:
                with self._door:
                    shared, self._waiting = self._waiting, []
                self._answer(shared)
        if mine.error is not None:
            raise mine.error
        return mine.results

    def _answer(self, questions: list[Question[Item, Result]]) -> None:
        items = [item for question in questions for item in question.items]
        try:
            results = iter(self.look(items))
            for question in questions:
                question.results = [next(results) for _ in question.items]
        except Exception as error:
            for question in questions:
                question.error = error
        for question in questions:
            question.answered = True
