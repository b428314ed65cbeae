"""Memory of the selected inferior, read in bulk; what cannot be read is None or shorter, never an exception."""

import struct
from typing import Dict, Optional, Tuple

import gdb

PAGE = 4096
_WORD = struct.Struct("<Q")
_END = 1 << 64


def read(address: int, count: int) -> Optional[bytes]:
    """`count` bytes, None unless all can be read. The caller bounds `count`."""
    if count <= 0 or address < 0 or address + count > _END:
        return None
    try:
        return bytes(gdb.selected_inferior().read_memory(address, count))
    except gdb.error:
        # gdb.MemoryError, or a target that refuses in other words.
        return None


def read_available(address: int, count: int) -> bytes:
    """Up to `count` bytes from `address` on; fewer where the memory ends."""
    whole = read(address, count)
    if whole is not None:
        return whole
    parts = []
    position, end = address, min(address + count, _END)
    while position < end:
        step = min(PAGE - position % PAGE, end - position)
        part = read(position, step) or _prefix(position, step)
        parts.append(part)
        if len(part) < step:
            break
        position += step
    return b"".join(parts)


def _prefix(address: int, count: int) -> bytes:
    """The readable bytes before the first that is not; gdb reads a file's sections, which end inside pages."""
    known, unknown = b"", count
    while unknown - len(known) > 1:
        middle = (len(known) + unknown) // 2
        data = read(address, middle)
        if data is None:
            unknown = middle
        else:
            known = data
    return known


def word(address: int) -> Optional[int]:
    """The little-endian word at `address`."""
    data = read(address, 8)
    return None if data is None else _WORD.unpack(data)[0]


def words(address: int, count: int) -> Optional[Tuple[int, ...]]:
    """`count` little-endian words from `address` on, None unless all can be read."""
    data = read(address, 8 * count)
    return None if data is None else struct.unpack(f"<{count}Q", data)


class Strings:
    """NUL-terminated strings, read by the page: names of fibers lie close together."""

    # As in `MemoryReader.string`: a longer one is cut.
    LIMIT = 256
    # Pages kept: 16 MiB. Records may point anywhere.
    _PAGES = 4096

    def __init__(self) -> None:
        self._pages: Dict[int, Optional[bytes]] = {}
        self._texts: Dict[int, Optional[str]] = {}

    def at(self, address: int) -> Optional[str]:
        """The text at `address`, ill-formed bytes replaced; None if nothing can be read there."""
        if address not in self._texts:
            self._texts[address] = self._read(address)
        return self._texts[address]

    def _read(self, address: int) -> Optional[str]:
        offset = address % PAGE
        data = (self._page(address - offset) or b"")[offset : offset + self.LIMIT]
        if b"\0" not in data and len(data) < self.LIMIT:
            data = read_available(address, self.LIMIT)
        if not data:
            return None
        return data.split(b"\0", 1)[0].decode("utf-8", "replace")

    def _page(self, address: int) -> Optional[bytes]:
        if address not in self._pages:
            if len(self._pages) >= self._PAGES:
                self._pages.clear()
            self._pages[address] = read(address, PAGE)
        return self._pages[address]
