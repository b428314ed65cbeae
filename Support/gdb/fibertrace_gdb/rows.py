"""Rows of call frame information: how to get from a frame to its caller, for frames of the plainest kind.

gdb's own frames cost tens of microseconds each, a row that is known already two reads of memory. What a row cannot say
here (an expression, another register than rsp or rbp, a signal's frame) is left to gdb.
"""

import bisect
import struct
from typing import Dict, List, Optional, Tuple

from . import elf, memory
from .instructions import RBP, RETURN, Bytes, Program, Row, Unsupported
from .modules import Module, modules

_PT_GNU_EH_FRAME = 0x6474E550
# Version 1, .eh_frame relative to itself, count of 4 bytes, a sorted table relative to the header.
_HEADER = b"\x01\x1b\x03\x3b"
_TABLE_LIMIT = 1 << 24
_RECORD_LIMIT = 1 << 16
_POINTER = 0x1B


class Rows:
    """The rows of the selected inferior's images, each distinct pc looked up once."""

    def __init__(self) -> None:
        self._modules = modules([])
        self._tables: Dict[int, Tuple[List[int], List[int]]] = {}
        self._rows: Dict[int, Optional[Row]] = {}

    def caller(self, pc: int, sp: int, bp: int) -> Optional[Tuple[int, int, int]]:
        """The registers of the caller of a frame that has called another; None where that is left to gdb."""
        if pc not in self._rows:
            try:
                self._rows[pc] = self._row(pc - 1)
            except (Unsupported, struct.error, IndexError):
                self._rows[pc] = None
        row = self._rows[pc]
        if row is None:
            return None
        cfa = (bp if row.register == RBP else sp) + row.offset
        return_address = memory.word(cfa - 8)
        caller_bp = bp if row.bp is None else memory.word(cfa + row.bp)
        if return_address is None or caller_bp is None:
            return None
        return return_address, cfa, caller_bp

    def _row(self, pc: int) -> Row:
        for module in self._modules:
            if any(
                segment.kind == elf.PT_LOAD and 0 <= pc - module.bias - segment.address < segment.file_size
                for segment in module.segments
            ):
                starts, records = self._table(module)
                number = bisect.bisect_right(starts, pc) - 1
                if number >= 0:
                    return _row_of(records[number], pc)
        raise Unsupported

    def _table(self, module: Module) -> Tuple[List[int], List[int]]:
        """Where functions begin, and where their records lie."""
        if module.bias not in self._tables:
            self._tables[module.bias] = _search_table(module)
        return self._tables[module.bias]


def _search_table(module: Module) -> Tuple[List[int], List[int]]:
    for segment in module.segments:
        if segment.kind != _PT_GNU_EH_FRAME:
            continue
        start = module.bias + segment.address
        data = memory.read_available(start, min(segment.file_size, _TABLE_LIMIT))
        if data[:4] != _HEADER:
            break
        (count,) = struct.unpack_from("<I", data, 8)
        if 12 + count * 8 > len(data):
            break
        words = struct.unpack_from(f"<{count * 2}i", data, 12)
        return [start + word for word in words[0::2]], [start + word for word in words[1::2]]
    return [], []


def _record(address: int) -> Bytes:
    """A record without its length, which is checked."""
    (length,) = struct.unpack("<I", memory.read(address, 4) or b"")
    data = memory.read(address + 4, length) if 4 <= length <= _RECORD_LIMIT else None
    if data is None:
        raise Unsupported
    return Bytes(data)


def _row_of(address: int, pc: int) -> Row:
    """The row for `pc` of the FDE at `address`."""
    fde = _record(address)
    distance = fde.take("<I")
    cie = _record(address + 4 - distance)
    if distance == 0 or cie.take("<I") != 0 or cie.take("<B") != 1:
        raise Unsupported
    end = cie.data.index(b"\0", cie.position) if b"\0" in cie.data[cie.position :] else -1
    augmentation = cie.data[cie.position : end]
    cie.position = end + 1
    code_alignment, data_alignment = cie.uleb(), cie.uleb(signed=True)
    if cie.take("<B") != RETURN or augmentation not in (b"zR", b"zPLR", b"zLR", b"zPR"):
        raise Unsupported
    data_end = cie.uleb() + cie.position
    # The encoding of addresses comes last.
    if cie.data[data_end - 1] != _POINTER:
        raise Unsupported
    cie.position = data_end

    start = address + 8 + fde.take("<i")
    if not start <= pc < start + fde.take("<I"):
        raise Unsupported
    fde.position += fde.uleb()
    program = Program(code_alignment, data_alignment)
    program.run(cie, 0, 0)
    program.initial_bp = program.bp
    program.run(fde, start, pc)
    return program.row()
