"""A registry: its head, which describes its own layout, and its records, read a chunk at a time."""

import struct
from typing import Iterator, List, NamedTuple, Tuple

from . import memory
from .discovery import Location
from .text import printable

# struct ft_registry of FiberTraceRegistry.h up to `chunks`: the only layout that is not read from the process.
_HEAD = struct.Struct("<Q6I8H2H2HQ3iIQ8Q32sQ")
_MAGIC = 0x5453494745525446
_VERSION = 1
# sizeof(struct ft_registry) of version 1; later ones only append.
_HEAD_SIZE = 208
# Records and chunk headers beyond this size are taken for damage.
_SIZE_LIMIT = 1 << 16
# FT_CHUNK_SIZE: a chunk of ours in one read.
_CHUNK_SIZE = 1 << 16


class RegistryError(Exception):
    """A registry that cannot be read, or not to its end."""


class Range(NamedTuple):
    """A half-open range of addresses."""

    low: int
    high: int

    def __contains__(self, address: object) -> bool:
        return isinstance(address, int) and self.low <= address < self.high


class Record(NamedTuple):
    """The fields of a record (struct ft_record)."""

    identity: int
    sp: int
    base: int
    count: int
    low: int
    name: int
    wait: int
    creator: int


class Limits:
    """What all registries of a process together may make a reader do; hostile lists are finite, but long."""

    def __init__(self) -> None:
        # 65,536 chunks of ours hold 66 million fibers; 64 MiB of tables are a million fibers.
        self.chunks = 1 << 16
        self.bytes = 1 << 26


class Registry:
    """The head of a registry with every offset in it checked."""

    def __init__(self, location: Location) -> None:
        self.location = location
        data = memory.read_available(location.address, _HEAD_SIZE)
        if len(data) < 16:
            raise self._fault("incomplete", f"{len(data)} of the {_HEAD_SIZE} bytes of its head are readable")
        magic, version, head_size = struct.unpack_from("<QII", data)
        if magic != _MAGIC:
            raise self._fault("damaged", f"it starts with {magic:#x}, expected {_MAGIC:#x} (FTREGIST)")
        if version > _VERSION:
            raise RegistryError(
                f"registry version {version} in {printable(location.path)} is newer than this script reads "
                f"({_VERSION}): update FiberTrace's gdb script"
            )
        if version == 0 or head_size < _HEAD_SIZE:
            raise self._fault("damaged", f"its version is {version} and its head {head_size} bytes long")
        if len(data) < _HEAD_SIZE:
            raise self._fault("incomplete", f"{len(data)} of the {_HEAD_SIZE} bytes of its head are readable")
        self._take(_HEAD.unpack_from(data))

    def _take(self, fields: Tuple) -> None:
        record_size, records_offset, next_offset, capacity_offset = fields[3:7]
        sp, base, count, low, identity, name, wait, creator = fields[7:15]
        shift, finished, abandoned, _ = fields[15:19]
        self.suspended_pc, self.saved_pc_offset, self.saved_bp_offset, self.saved_sp_add = fields[19:23]
        has_link, self.end_record = fields[23:25]
        runtime, self.chunks = fields[33:35]
        if not 8 <= record_size <= _SIZE_LIMIT:
            raise self._fault("damaged", f"its records are {record_size} bytes long, expected 8 to {_SIZE_LIMIT}")
        # In the order of Record.
        self._offsets = (identity, sp, base, count, low, name, wait, creator)
        if max(self._offsets) + 8 > record_size:
            raise self._fault("damaged", f"a field lies at offset {max(self._offsets)} of {record_size} bytes")
        if max(records_offset, next_offset, capacity_offset) > _SIZE_LIMIT - 8:
            raise self._fault("damaged", "the offsets of its chunks are too large")
        if shift >= 64 or has_link > 1:
            raise self._fault("damaged", f"it shifts ids by {shift} bits, and has_link is {has_link}")
        self._record_size, self._records_offset = record_size, records_offset
        self._next_offset, self._capacity_offset = next_offset, capacity_offset
        self.identity_shift, self.finished_flag, self.abandoned_flag = shift, finished, abandoned
        self.has_link = has_link == 1
        ranges = [Range(*fields[at : at + 2]) for at in range(25, 33, 2)]
        if any(range.low > range.high for range in ranges):
            raise self._fault("damaged", "a range of its code ends before its start")
        self.resume, self.suspend, self.start, self.not_running = ranges
        self.runtime = runtime.split(b"\0", 1)[0].decode("utf-8", "replace")

    def records(self, limits: Limits, problems: List[str]) -> List[Record]:
        """The live records. Faults leave what was read before them, and a problem."""
        records: List[Record] = []
        visited = set()
        address = self.chunks
        try:
            while address != 0:
                if address in visited:
                    raise self._fault("damaged", f"its list of chunks is cyclic at {address:#x}")
                if limits.chunks <= 0 or limits.bytes <= 0:
                    raise self._fault("incomplete", f"it has more than {len(visited)} chunks: the rest is not shown")
                visited.add(address)
                limits.chunks -= 1
                address, data, fault = self._chunk(address, limits)
                records += self._live(data)
                if fault is not None:
                    problems.append(str(fault))
        except RegistryError as error:
            problems.append(str(error))
        return records

    def _chunk(self, address: int, limits: Limits) -> Tuple:
        """Address of the next chunk, this one's records, and what is wrong with it."""
        header_size = max(self._records_offset, self._next_offset + 8, self._capacity_offset + 8)
        data = memory.read_available(address, max(_CHUNK_SIZE, header_size))
        if len(data) < header_size:
            raise self._fault(
                "incomplete",
                f"its chunk at {address:#x} cannot be read: the fibers there and in older chunks are not shown",
            )
        (following,) = struct.unpack_from("<Q", data, self._next_offset)
        (capacity,) = struct.unpack_from("<Q", data, self._capacity_offset)
        wanted = self._records_offset + capacity * self._record_size
        while len(data) < min(wanted, limits.bytes):
            # What is not mapped ends the loop, so an absurd capacity costs no more than what there is.
            part = memory.read_available(address + len(data), min(1 << 20, min(wanted, limits.bytes) - len(data)))
            if not part:
                break
            data += part
        known = min(len(data), wanted)
        limits.bytes -= known
        fault = None
        if known < wanted:
            fault = self._fault(
                "incomplete",
                f"its chunk at {address:#x} claims {capacity} records, and {known} of their {wanted} bytes are "
                "readable",
            )
        return following, data[self._records_offset : known], fault

    def _live(self, table: bytes) -> Iterator[Record]:
        size = self._record_size
        table = table[: len(table) // size * size]
        columns = [
            (word for word, in struct.iter_unpack(f"<{offset}xQ{size - offset - 8}x", table))
            for offset in self._offsets
        ]
        return (Record._make(words) for words in zip(*columns) if words[0] != 0)

    def _fault(self, kind: str, text: str) -> RegistryError:
        return RegistryError(f"{self.location} is {kind}: {text}")
