"""Which thread each fiber is on, and what says so."""

from typing import List

from .fiber import Fiber


def place(fibers: List[Fiber]) -> None:
    pass
