"""The instructions of call frame information, as far as plain functions have them."""

import struct
from typing import List, NamedTuple, Optional, Tuple

# DWARF's numbers of rbp, rsp and the return address.
RBP, RSP, RETURN = 6, 7, 16


class Row(NamedTuple):
    """The CFA is `register` + `offset`; the return address lies below it, and rbp at CFA + `bp`, None if unchanged."""

    register: int
    offset: int
    bp: Optional[int]


class Unsupported(Exception):
    """The row is not of the plainest kind, or its record cannot be read."""


class Bytes:
    """Reads numbers one after the other."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def take(self, layout: str) -> int:
        """A number of that layout."""
        (value,) = struct.unpack_from(layout, self.data, self.position)
        self.position += struct.calcsize(layout)
        return value

    def uleb(self, signed: bool = False) -> int:
        """A number in LEB128."""
        value = shift = 0
        while True:
            byte = self.take("<B")
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value - (1 << shift) if signed and byte & 0x40 else value
            if shift > 63:
                raise Unsupported


class Program:
    """The instructions of CIE and FDE, as far as plain functions have them."""

    def __init__(self, code_alignment: int, data_alignment: int) -> None:
        self._code, self._data = code_alignment, data_alignment
        self._cfa = (0, 0)
        self._return: Optional[int] = None
        self.bp: Optional[int] = None
        self.initial_bp: Optional[int] = None
        self._remembered: List[Tuple[Tuple[int, int], Optional[int], Optional[int]]] = []

    def row(self) -> Row:
        """The row that was reached."""
        register, offset = self._cfa
        if register not in (RBP, RSP) or self._return != -8:
            raise Unsupported
        return Row(register, offset, self.bp)

    def run(self, text: Bytes, location: int, pc: int) -> None:
        """Runs to the row of `pc`."""
        while text.position < len(text.data):
            byte = text.take("<B")
            kind, low = byte & 0xC0, byte & 0x3F
            if kind == 0x40 or byte in (2, 3, 4):
                location += (low if kind else text.take({2: "<B", 3: "<H", 4: "<I"}[byte])) * self._code
                if location > pc:
                    return
            elif kind == 0x80 or byte == 5:
                self._offset(low if kind else text.uleb(), text.uleb() * self._data)
            elif kind == 0xC0 or byte == 6:
                self._restore(low if kind else text.uleb())
            elif byte in (7, 8):
                # undefined, same_value
                if text.uleb() in (RBP, RETURN):
                    raise Unsupported
            elif byte == 0x0A:
                self._remembered.append((self._cfa, self._return, self.bp))
            elif byte == 0x0B:
                self._cfa, self._return, self.bp = self._remembered.pop()
            elif byte == 0x0C:
                self._cfa = (text.uleb(), text.uleb())
            elif byte == 0x0D:
                self._cfa = (text.uleb(), self._cfa[1])
            elif byte == 0x0E:
                self._cfa = (self._cfa[0], text.uleb())
            elif byte == 0x2E:
                # GNU_args_size
                text.uleb()
            elif byte != 0:
                raise Unsupported

    def _offset(self, register: int, offset: int) -> None:
        if register == RBP:
            self.bp = offset
        elif register == RETURN:
            self._return = offset

    def _restore(self, register: int) -> None:
        if register == RBP:
            self.bp = self.initial_bp
        elif register == RETURN:
            raise Unsupported
