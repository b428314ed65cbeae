"""The command `fiber find`."""

import gdb

from .errors import one_line
from .fiber import Fiber
from .process import fibers
from .text import size


class FiberFind(gdb.Command):
    """Find the fiber on whose stack an address lies.
Usage: fiber find ADDRESS

ADDRESS is any expression.  The line says where on the stack it lies: in the
part that is in use, or below that."""

    def __init__(self) -> None:
        super().__init__("fiber find", gdb.COMMAND_STACK, gdb.COMPLETE_EXPRESSION)

    @one_line
    def invoke(self, argument: str, from_tty: bool) -> None:
        """Prints the line."""
        if not argument.strip():
            raise gdb.GdbError('Argument required (an address; see "help fiber find")')
        address = int(gdb.parse_and_eval(argument)) % (1 << 64)
        fiber = fibers().of_address(address)
        if fiber is None:
            gdb.write(f"{address:#x} lies on no fiber's stack.\n")
        else:
            gdb.write(f"{address:#x} lies on the stack of {fiber.label}, {fiber.state}: {_place(fiber, address)}.\n")


def _place(fiber: Fiber, address: int) -> str:
    sp = fiber.frames_sp
    if sp is None or fiber.stack_used is None:
        return f"{size(fiber.high - address)} below its top"
    if address >= sp:
        return f"in use, {address - sp} bytes above its sp {sp:#x}"
    return f"not in use, {sp - address} bytes below its sp {sp:#x}"


def register() -> None:
    """Registers the command."""
    FiberFind()
