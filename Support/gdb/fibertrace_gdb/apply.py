"""`fiber apply`: a command for many fibers, each selected in turn."""

import re
from typing import Dict, Iterable, List, NamedTuple, Tuple

import gdb

from . import frames, selection
from .commands import fiber_named, numbers
from .errors import one_line, sentence
from .fiber import Fiber
from .process import Fibers, fibers
from .text import counted, printable

_RANGE = re.compile(r"#?(\d+)-#?(\d+)(@\S+)?")
_NUMBER = re.compile(r"#?\d+(@\S+)?|\$\w+")
_WORD = re.compile(r"\s*(\S+)")
# Runs of numbers that a header names.
_NAMED = 16


class _Flags(NamedTuple):
    is_unique: bool
    is_quiet: bool
    goes_on: bool
    is_silent: bool


class FiberApplyCommand(gdb.Command):
    """Apply a command to a list of fibers.
Usage: fiber apply ID... [FLAG]... COMMAND
       fiber apply all [FLAG]... COMMAND

ID is as for "fiber", or a range such as 1-3 or 1-3@RUNTIME.  "all" means every
fiber that has frames: not those that are finished or abandoned.

Each fiber is selected, its header printed, and COMMAND run, for instance "bt".
In the end, thread, frame and fiber are selected as before.

FLAG is
  -unique  once for fibers with equal stacks, for the first of them
  -q       no headers
  -c       print an error and go on with the next fiber
  -s       print neither an error nor the header of a fiber without output
Without -c or -s an error of COMMAND ends the command; of a fiber that cannot be
shown, since its stack is not in a core, its error is printed and the others follow."""

    def __init__(self) -> None:
        super().__init__("fiber apply", gdb.COMMAND_STACK, gdb.COMPLETE_NONE)

    @one_line
    def invoke(self, argument: str, from_tty: bool) -> None:
        """Runs the command."""
        selection.begin()
        known = fibers()
        chosen, rest = _chosen(argument, known)
        flags, command = _flags(rest)
        with selection.keeping_place():
            groups = _groups(chosen) if flags.is_unique else [[fiber] for fiber in chosen]
            _apply(groups, flags, command, from_tty)

    @one_line
    def complete(self, text: str, word: str) -> List[str]:
        """Numbers of fibers, and "all" in the first place."""
        first = ["all"] if text == word and "all".startswith(word) else []
        return first + numbers(word)


def _chosen(argument: str, known: Fibers) -> Tuple[List[Fiber], str]:
    """The fibers that the first words name, and the text after these words."""
    chosen: List[Fiber] = []
    at = 0
    while (word := _WORD.match(argument, at)) is not None:
        text = word[1]
        if text == "all" and at == 0:
            with_frames = [fiber for fiber in known.all if fiber.state not in ("finished", "abandoned")]
            return with_frames, argument[word.end() :]
        span = _RANGE.fullmatch(text)
        if span is not None:
            chosen += _in_range(span, known)
        elif _NUMBER.fullmatch(text):
            try:
                chosen.append(fiber_named(text, known))
            except gdb.GdbError as error:
                gdb.write(f"warning: {error}\n", gdb.STDERR)
        else:
            break
        at = word.end()
    if at == 0:
        raise gdb.GdbError("Please specify a fiber ID list.")
    return chosen, argument[at:]


def _in_range(span: "re.Match[str]", known: Fibers) -> Iterable[Fiber]:
    first, last, suffix = int(span[1]), int(span[2]), span[3]
    if first > last:
        raise gdb.GdbError(f"Inverted range: {printable(span[0])}")
    found = [
        fiber for fiber in known.all if first <= fiber.id <= last and (suffix is None or suffix == fiber.suffix)
    ]
    if not found:
        gdb.write(f"warning: There is no fiber in {printable(span[0])}.\n", gdb.STDERR)
    return found


def _flags(text: str) -> Tuple[_Flags, str]:
    """The flags, and the command after them."""
    given = set()
    while (word := _WORD.match(text)) is not None and word[1] in ("-unique", "-q", "-c", "-s"):
        given.add(word[1])
        text = text[word.end() :]
    command = text.strip()
    if not command:
        raise gdb.GdbError("Please specify a command at the end of 'fiber apply'.")
    if command.startswith("-"):
        raise gdb.GdbError(f"Unknown flag of 'fiber apply': {printable(command.split()[0])}")
    if {"-c", "-s"} <= given:
        raise gdb.GdbError("-c and -s are mutually exclusive")
    return _Flags("-unique" in given, "-q" in given, "-c" in given, "-s" in given), command


def _groups(chosen: List[Fiber]) -> List[List[Fiber]]:
    """Fibers with the same state and the same pc in each frame, in the order of the first of each."""
    groups: Dict[object, List[Fiber]] = {}
    for fiber in chosen:
        try:
            key: object = (fiber.state, tuple(frame.pc() for frame in frames.callers(selection.show(fiber))))
        except (gdb.error, gdb.GdbError):
            # Its turn will say why it has no frames.
            key = fiber
        groups.setdefault(key, []).append(fiber)
    return list(groups.values())


def _apply(groups: List[List[Fiber]], flags: _Flags, command: str, from_tty: bool) -> None:
    thread, begun = gdb.selected_thread(), fibers()
    not_shown = 0
    for group in groups:
        fiber = group[0]
        known = fibers()
        if known is not begun:
            # The command for an earlier fiber may have let the program run.
            again = next((other for other in known.all if other.identity == fiber.identity), None)
            if again is None:
                continue
            fiber = again
        if thread is not None and thread.is_valid():
            thread.switch()
        header = "" if flags.is_quiet else _header([fiber, *group[1:]])
        if not flags.is_silent:
            gdb.write(header)
        try:
            selection.show(fiber).select()
        except (gdb.error, gdb.GdbError) as error:
            # A core may lack some stacks: that hides no other fiber.
            if len(groups) == 1 and not flags.goes_on and not flags.is_silent:
                raise
            if not flags.is_silent:
                gdb.write(sentence(error) + "\n")
            not_shown += len(group)
            continue
        try:
            if not flags.is_silent:
                gdb.execute(command, from_tty)
                continue
            output = gdb.execute(command, False, True)
            if output:
                gdb.write(header + output)
        except (gdb.error, gdb.GdbError) as error:
            if flags.goes_on:
                gdb.write(sentence(error) + "\n")
            elif not flags.is_silent:
                raise
    if not_shown > 0 and not flags.goes_on and not flags.is_silent:
        raise gdb.GdbError(f"{counted(not_shown, 'fiber')} could not be shown.")


def _header(group: List[Fiber]) -> str:
    """As gdb's header of a thread: `Fiber 3 "consumer" (suspended):`, `Fibers 1-3, 5 (4 fibers, suspended):`."""
    if len(group) == 1:
        return f"\nF{group[0].label[1:]} ({group[0].state}):\n"
    runs = _runs(group)
    named = ", ".join(runs[:_NAMED]) + (", ..." if len(runs) > _NAMED else "")
    return f"\nFibers {named} ({counted(len(group), 'fiber')}, {group[0].state}):\n"


def _runs(group: List[Fiber]) -> List[str]:
    """The numbers of fibers, those in a row as "1-3"."""
    runs: List[List[Fiber]] = []
    for fiber in group:
        if runs and runs[-1][-1].id + 1 == fiber.id and runs[-1][-1].suffix == fiber.suffix:
            runs[-1].append(fiber)
        else:
            runs.append([fiber])
    return [run[0].number if len(run) == 1 else f"{run[0].id}-{run[-1].number}" for run in runs]


def register() -> None:
    """Adds the command."""
    FiberApplyCommand()
