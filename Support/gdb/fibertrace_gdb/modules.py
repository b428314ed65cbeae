"""The ELF images of the selected inferior, found through its auxiliary vector and the dynamic linker's list.

Both are plain memory, which a live process, a core and a remote target have alike, whether or not gdb was given a file.
"""

import re
import struct
from typing import Dict, Iterator, List, NamedTuple, Optional

import gdb

from . import elf, memory
from .text import printable

_AT_PHDR, _AT_PHNUM, _AT_ENTRY = 3, 5, 9
_DT_NULL, _DT_DEBUG = 0, 21
# Images followed: a hostile list of the dynamic linker's is finite, but may be long.
_LIMIT = 1 << 14
# struct r_debug: version, then the first link_map; struct link_map: l_addr, l_name, l_ld, l_next.
_R_MAP_OFFSET = 8
_LINK_MAP = struct.Struct("<QQQQ")


class Module(NamedTuple):
    """An image: its path, what is added to its file's addresses, and its program headers."""

    path: str
    bias: int
    segments: List[elf.Segment]


def modules(problems: List[str]) -> List[Module]:
    """The executable, then what the dynamic linker loaded. What cannot be read is added to `problems`, a line each."""
    executable = _executable(_auxiliary_vector())
    if executable is None:
        problems.append(
            "the program headers of the executable cannot be read: its fibers are not shown; "
            'give gdb the program (see "help file")'
        )
        return []
    found = [executable]
    unread = []
    for bias, path in _linked(executable):
        segments = elf.image_segments(memory.read_available, bias) or _file_segments(path)
        if segments is not None:
            found.append(Module(path, bias, segments))
        elif path.startswith("/"):
            # The kernel's own image has no file.
            unread.append(path)
    if unread:
        names = printable(unread[0]) + (f" and {len(unread) - 1} more" if len(unread) > 1 else "")
        problems.append(f"the program headers of {names} cannot be read: their fibers are not shown")
    return found


def _auxiliary_vector() -> Dict[int, int]:
    try:
        text = gdb.execute("info auxv", to_string=True)
    except gdb.error:
        return {}
    # 3    AT_PHDR              Program headers for program      0x555555554040
    lines = re.finditer(r"^(\d+)\s+AT_\w+\s.*?(0x[0-9a-f]+|\d+)$", text, re.MULTILINE)
    return {int(line[1]): int(line[2], 0) for line in lines}


def _executable(vector: Dict[int, int]) -> Optional[Module]:
    path = gdb.current_progspace().filename
    table = vector.get(_AT_PHDR)
    if table is not None:
        count = min(vector.get(_AT_PHNUM, 0), 0xFFFF)
        segments = elf.segments(memory.read_available(table, count * elf.SEGMENT_SIZE))
        for segment in segments:
            if segment.kind == elf.PT_PHDR:
                return Module(path or "the executable", table - segment.address, segments)
        for segment in segments:
            # Linkers put the table behind the ELF header, and omit PT_PHDR from static executables.
            if segment.kind == elf.PT_LOAD and segment.offset == 0:
                return Module(path or "the executable", table - elf.HEADER_SIZE - segment.address, segments)
    return _executable_by_file(path, vector.get(_AT_ENTRY))


def _executable_by_file(path: Optional[str], entry: Optional[int]) -> Optional[Module]:
    """The executable where a core lacks the page of its headers."""
    if path is None or entry is None:
        return None
    header = _file_reader(path)(0, elf.HEADER_SIZE)
    segments = _file_segments(path)
    if segments is None:
        return None
    (file_entry,) = struct.unpack_from("<Q", header, 24)
    return Module(path, entry - file_entry, segments)


def _linked(executable: Module) -> Iterator[tuple]:
    """Bias and path of each image in the dynamic linker's list but the executable."""
    entry = _link_map_head(executable)
    visited = set()
    while entry and entry not in visited and len(visited) < _LIMIT:
        visited.add(entry)
        data = memory.read(entry, _LINK_MAP.size)
        if data is None:
            return
        bias, name, _, following = _LINK_MAP.unpack(data)
        if len(visited) > 1:
            text = memory.read_available(name, 4096).split(b"\0", 1)[0] if name else b""
            yield bias, text.decode("utf-8", "replace")
        entry = following


def _link_map_head(executable: Module) -> Optional[int]:
    for segment in executable.segments:
        if segment.kind != elf.PT_DYNAMIC:
            continue
        data = memory.read_available(executable.bias + segment.address, min(segment.file_size, 1 << 16))
        for tag, value in struct.iter_unpack("<QQ", data[: len(data) // 16 * 16]):
            if tag == _DT_DEBUG:
                return memory.word(value + _R_MAP_OFFSET)
            if tag == _DT_NULL:
                break
    return None


def _file_segments(path: str) -> Optional[List[elf.Segment]]:
    return elf.image_segments(_file_reader(path), 0)


def _file_reader(path: str) -> elf.Reader:
    """Reads the file that gdb itself has open for the image; it has compared that with the process or the core."""

    def read(offset: int, count: int) -> bytes:
        for objfile in gdb.objfiles():
            if objfile.filename and path and objfile.filename.endswith(path):
                try:
                    with open(objfile.filename, "rb") as file:
                        file.seek(offset)
                        return file.read(count)
                except OSError:
                    return b""
        return b""

    return read
