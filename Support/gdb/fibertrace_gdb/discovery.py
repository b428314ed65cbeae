"""Where the registries of the selected inferior lie: the notes `.note.fibertrace` of its images lead to their heads."""

from typing import Dict, List, NamedTuple, Tuple

from . import elf, memory
from .modules import Module, modules
from .text import printable

# FT_NOTE_NAME and FT_NOTE_TYPE of FiberTraceRegistry.h.
_NOTE_NAME, _NOTE_TYPE = b"FiberTrace", 1
# Registries read: a process has one for each runtime, a hostile file as many as notes fit into it.
_LIMIT = 256


class Location(NamedTuple):
    """Where a registry's head lies, as a note of an image says."""

    address: int
    path: str

    def __str__(self) -> str:
        return f"the fiber registry in {printable(self.path)} at {self.address:#x}"


def locations() -> Tuple[List[Location], List[str]]:
    """The registries by the addresses of their images, and what could not be read, a line each."""
    found: Dict[int, Location] = {}
    problems: List[str] = []
    for module in sorted(modules(problems), key=lambda module: module.bias):
        for address, path in _heads(module, problems):
            found.setdefault(address, Location(address, path))
    if len(found) > _LIMIT:
        problems.append(f"there are {len(found)} fiber registries: the first {_LIMIT} alone are shown")
    return list(found.values())[:_LIMIT], problems


def _heads(module: Module, problems: List[str]) -> List[Tuple[int, str]]:
    heads = []
    left = elf.NOTE_LIMIT
    for segment in module.segments:
        if segment.kind != elf.PT_NOTE:
            continue
        start = (module.bias + segment.address) % (1 << 64)
        data = memory.read_available(start, min(segment.file_size, left))
        left -= len(data)
        for name, kind, offset, size in elf.notes(data):
            if name != _NOTE_NAME or kind != _NOTE_TYPE:
                continue
            if size < 8:
                problems.append(
                    f"the fiber registry note in {printable(module.path)} has {size} bytes, expected 8: "
                    "its fibers are not shown"
                )
                continue
            # The descriptor holds the distance from itself, which may be negative.
            distance = int.from_bytes(data[offset : offset + 8], "little")
            heads.append(((start + offset + distance) % (1 << 64), module.path))
    return heads
