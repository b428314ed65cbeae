"""The command `info fibers`."""

import collections
import re
from typing import List, Optional, Sequence, Tuple

import gdb

from .completing import completions
from .current import current
from .errors import one_line
from .fiber import STATES, Fiber
from .place import Place
from .places import Places, places
from .process import Fibers, fibers
from .table import Table
from .text import counted, printable, shortened, size

# Warnings shown; a damaged process may have a great many.
_PROBLEMS = 20
# The longest names and reasons of waiting in a terminal of 80 columns, in one of _BROAD, and where there is no width.
_NARROW, _WIDE, _UNLIMITED = 16, 24, 64
_BROAD = 120


class InfoFibers(gdb.Command):
    """Display the fibers of the program.
Usage: info fibers [-state STATE[,STATE]...] [-name REGEXP]

Options:
  -state STATE
    Only fibers in that state: running, resuming, switching, suspended,
    not-started, finished, abandoned or not-found.  Several are separated by
    commas.

  -name REGEXP
    Only fibers with a name that matches REGEXP.

An asterisk '*' indicates the selected fiber.  "Thread" is the number of the
thread that a running fiber is on; "Stack" is how much of its stack is in use,
and the whole; "Resumed" is how often it was resumed.  "Frame" is the first
function that is not the fiber runtime's own; for fibers that have no frames,
the function that created them.

A fiber is "resuming" while it waits for another that it has resumed, and
"switching" where its thread stopped inside the switch.  "not found" are fibers
that should be on a thread, and are on none."""

    def __init__(self) -> None:
        super().__init__("info fibers", gdb.COMMAND_STATUS)

    @one_line
    def invoke(self, argument: str, from_tty: bool) -> None:
        """Prints the table."""
        options = _Options(gdb.string_to_argv(argument))
        known = fibers()
        for problem in known.problems[:_PROBLEMS]:
            gdb.write(f"warning: {problem}\n", gdb.STDERR)
        if len(known.problems) > _PROBLEMS:
            gdb.write(f"warning: {len(known.problems) - _PROBLEMS} more problems are not shown\n", gdb.STDERR)
        if not known.all:
            is_known = known.registries or known.problems
            gdb.write("No fibers.\n" if is_known else "No fibers: the program has no FiberTrace registry.\n")
            return
        shown = [fiber for fiber in known.all if options.select(fiber)]
        if shown:
            _table(shown).write()
        _write_total(known, len(shown), options)

    @one_line
    def complete(self, text: str, word: str) -> Sequence[str]:
        """Options, and states after -state."""
        tokens = text.split(" ")
        if len(tokens) > 1 and tokens[-2] == "-state":
            return completions(text, word, _STATE_WORDS, separator=",")
        return completions(text, word, ("-state", "-name"))


_STATE_WORDS = {state.replace(" ", "-"): state for state in STATES}


class _Options:
    """Which fibers to show."""

    def __init__(self, arguments: List[str]) -> None:
        self.states: List[str] = []
        self.name: Optional["re.Pattern[str]"] = None
        rest = iter(arguments)
        for option in rest:
            if option not in ("-state", "-name"):
                raise gdb.GdbError(f"Invalid argument: {printable(option)} (see \"help info fibers\")")
            value = next(rest, None)
            if value is None:
                raise gdb.GdbError(f"{option} requires an argument")
            if option == "-state":
                self.states += [_state(word) for word in value.split(",")]
            else:
                self.name = _pattern(value)

    @property
    def filters(self) -> bool:
        """Some fibers may be left out."""
        return bool(self.states) or self.name is not None

    def select(self, fiber: Fiber) -> bool:
        """The fiber is to be shown."""
        if self.states and fiber.state not in self.states:
            return False
        return self.name is None or (fiber.name is not None and self.name.search(fiber.name) is not None)


def _state(word: str) -> str:
    matching = [state for name, state in _STATE_WORDS.items() if word and name.startswith(word)]
    if len(matching) != 1:
        fault = "Ambiguous" if matching and word else "Undefined"
        raise gdb.GdbError(f"{fault} state {printable(word)!s}: one of {', '.join(_STATE_WORDS)}")
    return matching[0]


def _pattern(text: str) -> "re.Pattern[str]":
    try:
        return re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise gdb.GdbError(f"Invalid regexp: {printable(str(error))}: {printable(text)}") from None


def _table(shown: List[Fiber]) -> Table:
    width = gdb.parameter("width") or 0
    limit = _UNLIMITED if width == 0 else _WIDE if width >= _BROAD else _NARROW
    # The selected one may have been read before memory was changed.
    selected = current()
    chosen = None if selected is None else selected.identity
    known = places()
    where = known.of(shown)
    table = Table(("", "Id", "Name", "State", "Thread", "Stack", "Resumed", "Waiting", "Frame"), width)
    several = len(gdb.inferiors()) > 1
    for fiber in shown:
        table.add(
            (
                "*" if fiber.identity == chosen else "",
                fiber.number,
                shortened(printable(fiber.name or ""), limit),
                fiber.state,
                _thread(fiber, several),
                _stack(fiber),
                str(fiber.times_resumed),
                shortened(printable(fiber.wait or ""), limit),
            ),
            *_frame(fiber, where.get(fiber), known),
        )
    return table


def _thread(fiber: Fiber, several: bool) -> str:
    """The number of its thread, as `info threads` has it."""
    if fiber.thread is None:
        return ""
    number = str(fiber.thread.num)
    return f"{fiber.thread.inferior.num}.{number}" if several else number


def _stack(fiber: Fiber) -> str:
    whole, used = fiber.stack_size, fiber.stack_used
    if whole is None:
        return "?"
    return f"-/{size(whole)}" if used is None else f"{size(used)}/{size(whole)}"


def _frame(fiber: Fiber, place: Optional[Place], known: Places) -> Tuple[str, str]:
    """What the last column says: a text that may be cut, and one that may not."""
    defect = fiber.defect()
    if defect is not None:
        # The reason and what to do are said where the fiber is selected.
        return defect.partition(" (")[0], ""
    if place is not None:
        return place.name, place.source
    if fiber.state not in ("not started", "finished", "abandoned"):
        return "its frames cannot be read", ""
    if fiber.creator == 0:
        return "", ""
    creation = known.creation(fiber)
    return f"created by {creation.name}", creation.source


def _write_total(known: Fibers, shown: int, options: _Options) -> None:
    counts = collections.Counter(fiber.state for fiber in known.all)
    parts = ", ".join(f"{counts[state]} {state}" for state in STATES if counts[state])
    total = f"{counted(len(known.all), 'fiber')}: {parts}"
    if options.filters:
        total += f"; {shown} shown" if shown else "; none matches"
    gdb.write(f"{total}.\n")


def register() -> None:
    """Registers the command."""
    InfoFibers()
