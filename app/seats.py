"""How many streams of events may be open, and how many of them may be one owner's."""

import threading
from collections import Counter

FEW = 8
"""Streams that an owner can have even where others have taken most of them."""


class Seats:
    """`most` in all. The last quarter is kept for owners who have few."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, owner: str) -> bool:
        """Whether there was one; it is taken then."""
        with self._lock:
            free = self.most - self.taken.total()
            if free <= 0 or (self.taken[owner] >= FEW and free <= self.most // 4):
                return False
            self.taken[owner] += 1
            return True

    def leave(self, owner: str) -> None:
        with self._lock:
            self.taken[owner] -= 1
            if not self.taken[owner]:
                del self.taken[owner]
