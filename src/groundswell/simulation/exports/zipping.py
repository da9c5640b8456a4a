"""A zip whose list of members is kept on disk while it is written, so that memory does not grow with their number."""

import shutil
import struct
import tempfile
import zlib
from pathlib import Path

_LEVEL = 3  # of deflate: half the time of the default, a tenth more bytes
_VERSION = 45  # the first with 64-bit records
_UTF8, _DEFLATED = 0x800, 8
_DATE = (0 << 9) | (1 << 5) | 1  # 1980-01-01: no clock in the zip, so that the same world has the same bytes
_LOCAL = struct.Struct("<4s5H3L2H")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_WIDE = struct.Struct("<2HQ")  # an extra field that holds one 64-bit offset
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_END = struct.Struct("<4s4H2LH")
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF


class ZipWriter:
    """Members one after the other, each given whole and smaller than 4 GB; the directory follows at the end.

    Args:
        path: of the zip; replaced if it is there.
    """

    def __init__(self, path: Path) -> None:
        self._out = path.open("wb")
        self._directory = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115  # closed with the zip
        self._members = 0

    def write(self, name: str, content: bytes) -> None:
        """Add one member."""
        packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        packed = packer.compress(content) + packer.flush()
        offset, raw = self._out.tell(), name.encode()
        shared = (_VERSION, _UTF8, _DEFLATED, 0, _DATE, zlib.crc32(content), len(packed), len(content), len(raw))
        self._out.write(_LOCAL.pack(b"PK\x03\x04", *shared, 0) + raw)
        self._out.write(packed)
        far = _WIDE.pack(1, 8, offset) if offset >= _FULL32 else b""
        entry = _ENTRY.pack(b"PK\x01\x02", _VERSION, *shared, len(far), 0, 0, 0, 0o600 << 16, min(offset, _FULL32))
        self._directory.write(entry + raw + far)
        self._members += 1

    def close(self) -> None:
        """Write the directory and its end; past 65,535 members or 4 GB with the 64-bit records."""
        start, length = self._out.tell(), self._directory.tell()
        self._directory.seek(0)
        shutil.copyfileobj(self._directory, self._out)
        self._directory.close()
        if self._members >= _FULL16 or start >= _FULL32 or length >= _FULL32:
            end = self._out.tell()
            counts = (self._members, self._members, length, start)
            self._out.write(_END64.pack(b"PK\x06\x06", _END64.size - 12, _VERSION, _VERSION, 0, 0, *counts))
            self._out.write(_LOCATOR.pack(b"PK\x06\x07", 0, end, 1))
        few = min(self._members, _FULL16)
        self._out.write(_END.pack(b"PK\x05\x06", 0, 0, few, few, min(length, _FULL32), min(start, _FULL32), 0))
        self._out.close()
