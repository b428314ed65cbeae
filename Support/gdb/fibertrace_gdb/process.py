"""The fibers of the selected inferior, read once for each time it stands still."""

import os
from typing import Any, Dict, List, NamedTuple, Optional

import gdb

from . import events, placement
from .discovery import locations
from .fiber import STACK_END, Fiber
from .memory import Strings
from .moment import Moment, moment
from .registry import Limits, Registry, RegistryError
from .text import printable


class Fibers:
    """All fibers by registry and id; `problems` says what could not be read, a line each."""

    def __init__(self) -> None:
        found, self.problems = locations()
        self.registries: List[Registry] = []
        self.all: List[Fiber] = []
        self._by_number: Dict[str, Fiber] = {}
        self._by_base: Dict[int, Fiber] = {}
        limits = Limits()
        strings = Strings()
        by_registry = []
        for location in found:
            try:
                registry = Registry(location)
            except RegistryError as error:
                self.problems.append(str(error))
                continue
            self.registries.append(registry)
            by_registry.append(self._read(registry, limits, strings))
        for suffix, fibers in zip(self._suffixes(), by_registry):
            for fiber in fibers:
                fiber.suffix = suffix
                self._by_number.setdefault(fiber.number, fiber)
            self.all += fibers
        for fiber in self.all:
            known = self._by_base.get(fiber.base)
            # A stack may have been given to another fiber after this one finished: the one on a thread counts.
            if known is None or not known.is_on_thread:
                self._by_base[fiber.base] = fiber
        placement.place(self.all)

    def _read(self, registry: Registry, limits: Limits, strings: Strings) -> List[Fiber]:
        records = registry.records(limits, self.problems)
        # Those of a damaged table may share an id.
        records.sort(key=lambda record: (record.identity >> registry.identity_shift, record.base))
        ids = [record.identity >> registry.identity_shift for record in records]
        names = self._texts("name", ids, [record.name for record in records], strings)
        waits = self._texts("wait reason", ids, [record.wait for record in records], strings)
        return [Fiber(registry, record, name, wait) for record, name, wait in zip(records, names, waits)]

    def _texts(self, what: str, ids: List[int], addresses: List[int], strings: Strings) -> List[Optional[str]]:
        """The texts at the addresses, None for those that are 0 or cannot be read."""
        texts = [strings.at(address) if address else None for address in addresses]
        lost = [number for number, address in enumerate(addresses) if address and texts[number] is None]
        if lost:
            others = f" (and so for {len(lost) - 1} more)" if len(lost) > 1 else ""
            first = lost[0]
            self.problems.append(f"fiber {ids[first]}: its {what} at {addresses[first]:#x} cannot be read{others}")
        return texts

    def _suffixes(self) -> List[str]:
        """What follows the ids of each registry's fibers, as in `fibertrace dump`: nothing where there is one."""
        if len(self.registries) == 1:
            return [""]
        runtimes = [registry.runtime for registry in self.registries]
        return [
            "@" + (runtime if runtimes.count(runtime) == 1 else os.path.basename(registry.location.path))
            for runtime, registry in zip(runtimes, self.registries)
        ]

    def named(self, text: str) -> Fiber:
        """The fiber of the number "3" or, with several registries, "3@runtime". gdb.GdbError if there is none."""
        number = text.strip().lstrip("#")
        fiber = self._by_number.get(number)
        if fiber is not None:
            return fiber
        if not number.partition("@")[0].isdecimal():
            raise gdb.GdbError(f"Invalid fiber number: {printable(text.strip())}")
        same = [fiber for fiber in self.all if str(fiber.id) == number]
        if len(same) == 1:
            return same[0]
        if same:
            raise gdb.GdbError(f"Fiber {number} is ambiguous: {', '.join(fiber.number for fiber in same)}.")
        raise gdb.GdbError(f"Unknown fiber {printable(number)}.")

    def of_address(self, address: int) -> Optional[Fiber]:
        """The fiber whose stack holds the address, the smallest stack where one lies in another."""
        # `holds` reads memory: of the stack's end no more is known before than that it is near the base.
        near = (fiber for fiber in self.all if fiber.low <= address < fiber.base + STACK_END)
        holders = [fiber for fiber in near if fiber.holds(address)]
        return min(holders, key=lambda fiber: (not fiber.is_on_thread, fiber.high - fiber.low), default=None)

    def of_base(self, address: int) -> Optional[Fiber]:
        """The fiber whose base is at the address."""
        return self._by_base.get(address)


class _Known(NamedTuple):
    thread: gdb.InferiorThread
    moment: Moment
    fibers: Fibers


# By number of the inferior.
_known: Dict[int, _Known] = {}


def fibers() -> Fibers:
    """The fibers of the selected inferior. gdb.GdbError if it does not run."""
    inferior = gdb.selected_inferior()
    threads = inferior.threads()
    if not threads:
        raise gdb.GdbError("The program is not being run.")
    known = _known.get(inferior.num)
    # A thread of another process or core is another object, and the former one's is no longer valid.
    if known is None or not known.thread.is_valid() or known.moment != moment(known.thread):
        name = inferior.architecture().name()
        if name != "i386:x86-64":
            raise gdb.GdbError(f"Fibers are read of x86-64 programs, this one is of {name}.")
        known = _Known(threads[0], moment(threads[0]), Fibers())
        _known[inferior.num] = known
    return known.fibers


def forget() -> None:
    """Has the fibers of all inferiors read anew."""
    _known.clear()


def _forget(_event: Any) -> None:
    # The event may concern another inferior than the selected one, and reading takes milliseconds.
    forget()


def register() -> None:
    """Connects the events after which what was read may no longer hold."""
    events.connect_each(
        [gdb.events.cont, gdb.events.inferior_call, gdb.events.register_changed, *events.of_code()], _forget
    )
