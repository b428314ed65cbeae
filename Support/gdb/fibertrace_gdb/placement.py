"""Which thread each fiber is on: by stack pointers and links, or else by the bases in the threads' frames."""

import bisect
from typing import Iterator, List, NamedTuple, Optional

import gdb

from . import memory
from .fiber import OVERFLOW_REACH, Fiber

# Frames walked in search of fibers, of a thread and of all threads.
_THREAD_FRAMES, _ALL_FRAMES = 2_000, 20_000
_MASK = (1 << 64) - 1


class _Registers(NamedTuple):
    pc: int
    sp: int
    bp: int
    rdx: int
    # A signal came while the frame's function ran.
    is_interrupted: bool


def place(fibers: List[Fiber]) -> None:
    """Gives each fiber that is on a thread, by its count, its state, its thread and where its frames begin."""
    missing = _Missing(fibers)
    if not missing.fibers:
        return
    # Not at the top: what is selected needs the fibers first.
    from . import selection

    with selection.keeping_place():
        # The threads' own frames are wanted, also on the one that a fiber is shown on.
        selection.clear()
        threads = gdb.selected_inferior().threads()
        for thread in threads:
            if missing.are_found:
                break
            missing.search_stack(thread)
        frames = _ALL_FRAMES
        for thread in threads:
            if missing.are_found or frames <= 0:
                break
            frames -= missing.search_frames(thread, frames)
        for thread in threads:
            if missing.are_found:
                break
            missing.search_switch(thread)


class _Missing:
    """The fibers that are on a thread by their count."""

    def __init__(self, fibers: List[Fiber]) -> None:
        self.fibers = [fiber for fiber in fibers if fiber.is_on_thread and not fiber.is_abandoned]
        self.fibers = sorted((fiber for fiber in self.fibers if fiber.low < fiber.high), key=lambda fiber: fiber.low)
        self._lows = [fiber.low for fiber in self.fibers]
        self._by_base = {fiber.base: fiber for fiber in self.fibers if fiber.registry.has_link}
        self._registries = {id(fiber.registry): fiber.registry for fiber in self.fibers}.values()
        self._left = len(self.fibers)

    @property
    def are_found(self) -> bool:
        """No fiber is missing any more."""
        return self._left == 0

    def search_stack(self, thread: gdb.InferiorThread) -> None:
        """The fiber whose stack the thread's sp is on, and from there outwards by links.

        A link is an address on the resumer's stack.
        """
        registers = _registers_of(thread)
        # In the middle of a switch sp may be on the stack of the other side.
        if registers is None or self._is_switch(registers.pc):
            return
        self._follow(registers.sp, thread, None)

    def _follow(self, start: int, thread: gdb.InferiorThread, inner: Optional[Fiber]) -> None:
        address: Optional[int] = start
        while address is not None:
            fiber = self._holder(address) or (self._overflowed(address) if inner is None else None)
            # Ends in a cycle too, since a fiber is given a place once.
            if fiber is None or fiber.thread is not None:
                return
            self._found(fiber, thread, inner, address)
            inner = fiber
            address = memory.word(fiber.base) if fiber.registry.has_link else None

    def search_frames(self, thread: gdb.InferiorThread, limit: int) -> int:
        """The fibers whose bases, or stacks where there is no link, the thread's frames come to.

        Answers how many frames it read.
        """
        inner: Optional[Fiber] = None
        # Those since the last base.
        stretch: List[_Registers] = []
        number = 0
        for registers in _frames_of(thread, min(limit, _THREAD_FRAMES)):
            number += 1
            stretch.append(registers)
            # Below a signal's handler, which may lie on another stack, as below a thread's sp.
            if registers.is_interrupted and not self._is_switch(registers.pc):
                self._follow(registers.sp, thread, inner)
            if self.are_found:
                break
            fiber = self._by_base.get(registers.bp) if self._is_start(registers.pc) else None
            if fiber is None:
                holder = self._holder(registers.sp)
                if holder is None or holder.registry.has_link or holder is inner:
                    continue
                fiber = holder
            if fiber.thread is None:
                self._found(fiber, thread, inner, _innermost_sp(fiber, stretch))
            inner, stretch = fiber, []
        return number

    def search_switch(self, thread: gdb.InferiorThread) -> None:
        """The fiber that the thread is about to enter or has just left.

        `resume` and `suspend` hold its base in rdx from before they make the count odd until after it is even again.
        """
        registers = _registers_of(thread)
        if registers is None or not self._is_switch(registers.pc):
            return
        fiber = self._by_base.get(registers.rdx)
        if fiber is not None and fiber.thread is None:
            self._found(fiber, thread, None, fiber.sp)
            fiber.state = "switching"

    def _found(self, fiber: Fiber, thread: gdb.InferiorThread, inner: Optional[Fiber], sp: Optional[int]) -> None:
        fiber.thread, fiber.inner, fiber.frames_sp = thread, inner, sp
        fiber.state = "running" if inner is None else "resuming"
        self._left -= 1

    def _is_switch(self, pc: int) -> bool:
        return any(pc in registry.resume or pc in registry.suspend for registry in self._registries)

    def _is_start(self, pc: int) -> bool:
        return any(pc in registry.start for registry in self._registries)

    def _holder(self, address: int) -> Optional[Fiber]:
        """The fiber whose stack holds the address; the inner one where a stack lies in another."""
        index = bisect.bisect_right(self._lows, address)
        # Stacks within stacks are rare and few deep; a damaged table may claim any number.
        for fiber in reversed(self.fibers[max(index - 16, 0) : index]):
            if fiber.holds(address):
                return fiber
        return None

    def _overflowed(self, address: int) -> Optional[Fiber]:
        """The fiber below whose stack the address lies, in its guard: what can be read would be another stack's."""
        index = bisect.bisect_right(self._lows, address)
        if index == len(self.fibers) or self._lows[index] - address > OVERFLOW_REACH:
            return None
        return self.fibers[index] if memory.word(address) is None else None


def _registers_of(thread: gdb.InferiorThread) -> Optional[_Registers]:
    return next(_frames_of(thread, 1), None)


def _frames_of(thread: gdb.InferiorThread, limit: int) -> Iterator[_Registers]:
    """The registers of each frame of the thread's own, without inlined ones, until they end or cannot be read."""
    try:
        thread.switch()
        frame = gdb.newest_frame()
        is_interrupted = False
        while frame is not None and limit > 0:
            if frame.type() != gdb.INLINE_FRAME:
                limit -= 1
                yield _Registers(*(_register(frame, name) for name in ("rip", "rsp", "rbp", "rdx")), is_interrupted)
            is_interrupted = frame.type() == gdb.SIGTRAMP_FRAME
            frame = frame.older()
    except gdb.error:
        # A running thread, or a frame whose caller's registers are not in memory.
        return


def _innermost_sp(fiber: Fiber, stretch: List[_Registers]) -> Optional[int]:
    """Where a fiber's frames begin on its stack, by the frames up to its base; None in the middle of a switch.

    The frames of a signal's handler may lie on another stack: then the one that was interrupted is the innermost.
    """
    if fiber.holds(stretch[0].sp):
        return stretch[0].sp
    return next((frame.sp for frame in reversed(stretch[:-1]) if frame.is_interrupted and fiber.holds(frame.sp)), None)


def _register(frame: gdb.Frame, name: str) -> int:
    value = frame.read_register(name)
    # Below a call rdx is not known.
    return 0 if value.is_optimized_out else int(value) & _MASK
