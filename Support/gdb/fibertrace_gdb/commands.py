"""`fiber`: shows which fiber is selected, selects one, or none."""

from typing import List

import gdb

from . import frames, selection
from .current import current
from .errors import one_line
from .fiber import Fiber
from .process import Fibers, fibers

# Numbers that completion offers at most: gdb's own `max-completions` cuts later, after all were sorted.
_COMPLETIONS = 200


def fiber_named(text: str, known: Fibers) -> Fiber:
    """A fiber by its number, or by an expression for it that begins with a dollar sign."""
    return known.named(str(int(gdb.parse_and_eval(text))) if text.startswith("$") else text)


def numbers(word: str) -> List[str]:
    """Numbers of fibers that begin with `word`."""
    begun = [fiber.number for fiber in fibers().all if fiber.number.startswith(word)]
    return begun[:_COMPLETIONS]


class FiberCommand(gdb.Command):
    """Select a fiber, or show which is selected.
Usage: fiber [ID]

Without an argument, shows the fiber that the selected frame belongs to.

ID is the number that "info fibers" shows, "ID@RUNTIME" where several runtimes
have fibers, or an expression that begins with a dollar sign.

A fiber on a thread is shown there: this selects the thread, and the innermost
frame on the fiber's stack.  If that fiber has resumed another, "bt" begins at
this frame, unless one inside it is selected.  Any other fiber's frames take the
place of the selected thread's own, up from frame 1 (frame 0 remains the
thread's; "bt" hides it).  "bt", "frame", "up", "down", "info locals" and "print"
then work as in a thread.  Nothing in the program is written or run.  Registers that a fiber does
not keep while it is suspended read <not saved>.

The selection ends with "fiber none", and when the program continues.  Other
threads show their own frames all the time."""

    def __init__(self) -> None:
        super().__init__("fiber", gdb.COMMAND_STACK, gdb.COMPLETE_NONE, True)

    @one_line
    def invoke(self, argument: str, from_tty: bool) -> None:
        """Runs the command."""
        selection.begin()
        text = argument.strip()
        if not text:
            fiber = current()
            gdb.write("No fiber selected.\n" if fiber is None else f"[Current fiber is {_described(fiber)}]\n")
            return
        fiber = fiber_named(text, fibers())
        selection.show(fiber).select()
        gdb.write(f"[Switching to {fiber.label} ({fiber.state})]\n")
        gdb.execute("frame", from_tty)


class FiberNoneCommand(gdb.Command):
    """Show the selected thread's own frames again.
Usage: fiber none"""

    def __init__(self) -> None:
        super().__init__("fiber none", gdb.COMMAND_STACK, gdb.COMPLETE_NONE)

    @one_line
    def invoke(self, argument: str, from_tty: bool) -> None:
        """Runs the command."""
        if argument.strip():
            raise gdb.GdbError('"fiber none" takes no argument.')
        if selection.clear() and frames.selected() is not None:
            gdb.execute("frame", from_tty)


def _described(fiber: Fiber) -> str:
    return fiber.label.partition(" ")[2] + f" ({fiber.state})"


def register() -> None:
    """Adds the commands."""
    FiberCommand()
    FiberNoneCommand()
