"""Failures as gdb shows them: one line, never a Python traceback."""

import functools
import os
import traceback
from typing import Any, Callable, TypeVar

import gdb

from .text import printable

_Function = TypeVar("_Function", bound=Callable[..., Any])


def one_line(function: _Function) -> _Function:
    """Wraps what gdb calls (invoke, complete, ...): every failure becomes one gdb.GdbError line.

    Ctrl-C (KeyboardInterrupt) passes, and gdb then says "Quit".
    """

    @functools.wraps(function)
    def wrapper(*arguments: Any, **keywords: Any) -> Any:
        try:
            return function(*arguments, **keywords)
        except gdb.GdbError:
            raise
        except Exception as error:
            raise gdb.GdbError(sentence(error)) from None

    return wrapper  # type: ignore[return-value]


def sentence(error: Exception) -> str:
    """One line for an error: gdb's own in its words; any other by its name and place, since it is a defect here."""
    text = " ".join(printable(line.strip()) for line in str(error).splitlines() if line.strip())
    if isinstance(error, (gdb.error, gdb.GdbError)):
        return text
    place = traceback.extract_tb(error.__traceback__)[-1:]
    where = f" ({os.path.basename(place[0].filename)}:{place[0].lineno})" if place else ""
    return f"fibertrace: {type(error).__name__}: {text}{where}"
