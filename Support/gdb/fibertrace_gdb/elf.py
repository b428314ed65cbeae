"""Program headers and notes of ELF images of 64 bits, in memory or in a file."""

import struct
from typing import Callable, Iterator, List, NamedTuple, Optional, Tuple

# Answers up to `count` bytes at an address of memory, or an offset of a file.
Reader = Callable[[int, int], bytes]

PT_LOAD, PT_DYNAMIC, PT_NOTE, PT_PHDR = 1, 2, 4, 6
HEADER_SIZE = 64
SEGMENT_SIZE = 56
# Bytes of notes read of one image, whatever its segments say: real ones have less than 4 KiB.
NOTE_LIMIT = 1 << 16
_SEGMENTS = struct.Struct("<IIQQQQQQ")


class Segment(NamedTuple):
    """One program header. Addresses are the file's own, without the load bias."""

    kind: int
    offset: int
    address: int
    file_size: int


def segments(table: bytes) -> List[Segment]:
    """The entries of a table of program headers; a partial one at its end is left out."""
    whole = table[: len(table) // SEGMENT_SIZE * SEGMENT_SIZE]
    return [
        Segment(kind, offset, address, file_size)
        for kind, _, offset, address, _, file_size, _, _ in _SEGMENTS.iter_unpack(whole)
    ]


def image_segments(read: Reader, start: int) -> Optional[List[Segment]]:
    """The program headers of the image whose ELF header is at `start`; None if there is none of 64 bits."""
    header = read(start, HEADER_SIZE)
    if len(header) < HEADER_SIZE or header[:6] != b"\x7fELF\x02\x01":
        return None
    (table,) = struct.unpack_from("<Q", header, 32)
    entry_size, count = struct.unpack_from("<HH", header, 54)
    if entry_size != SEGMENT_SIZE or table > 1 << 32:
        return None
    return segments(read(start + table, count * SEGMENT_SIZE))


def notes(data: bytes) -> Iterator[Tuple[bytes, int, int, int]]:
    """Name, type, offset and size of the descriptor of each note, as far as they are whole.

    Notes of 8-aligned segments (GNU properties) pad differently; they lie in segments of their own.
    """
    position = 0
    while position + 12 <= len(data):
        name_size, size, kind = struct.unpack_from("<III", data, position)
        name_end = position + 12 + name_size
        descriptor = position + 12 + (name_size + 3) // 4 * 4
        if descriptor + size > len(data):
            return
        yield data[position + 12 : name_end].rstrip(b"\0"), kind, descriptor, size
        position = descriptor + (size + 3) // 4 * 4
