"""Aligned columns on gdb's stream, which pages them and can be interrupted."""

import unicodedata
from typing import List, Sequence, Tuple

import gdb

from .text import shortened

# The least that is left of a function's name.
_LEAST = 24


class Table:
    """Rows whose last column is a text that may be cut, and one that may not."""

    def __init__(self, header: Sequence[str], width: int) -> None:
        """width: characters in a line, 0 for any number."""
        self._rows: List[Tuple[Sequence[str], str, str]] = [(header[:-1], header[-1], "")]
        self._width = width

    def add(self, columns: Sequence[str], text: str, tail: str) -> None:
        """Adds a row."""
        self._rows.append((columns, text, tail))

    def write(self) -> None:
        """Writes the rows. KeyboardInterrupt if the user wants no more."""
        widths = [max(map(_width, column)) for column in zip(*(columns for columns, _, _ in self._rows))]
        before = sum(width + 1 + (number > 0) for number, width in enumerate(widths))
        for columns, text, tail in self._rows:
            start = "".join(
                column + " " * (width - _width(column) + 1 + (number > 0))
                for number, (column, width) in enumerate(zip(columns, widths))
            )
            if self._width > 0:
                # The last column of a terminal stays free: some wrap a line that fills it.
                room = self._width - 1 - before - (len(tail) + 1 if tail else 0)
                text = shortened(text, max(room, _LEAST))
            gdb.write(f"{start}{text} {tail}".rstrip() + "\n")


def _width(text: str) -> int:
    """Columns of a terminal that the text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(character) else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )
