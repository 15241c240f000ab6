"""A ZIP archive made piece by piece, so that each piece can be sealed and kept before the next one is begun.

What the archive is so far is a few numbers (`Entry`), which a row of the database can hold: a process that died
goes on after the last piece kept. No piece refers back to another, so a member may grow over many of them.
"""

import struct
import zlib
from collections.abc import Iterable

import msgspec

STORED, DEFLATED = 0, 8
# Without the 64-bit extension, which not every reader of spreadsheets knows.
LARGEST = 0xFFFF_FFFF - 64 * 1024 * 1024
_UTF8, _SIZES_FOLLOW = 1 << 11, 1 << 3
_VERSION = 20
_DAY, _TIME = 0x21, 0  # the first day that the format knows: an archive tells nobody when its parts were made
_LAST_BLOCK = b"\x03\x00"  # of deflate: empty, and the end


class Entry(msgspec.Struct, frozen=True):
    """A member of the archive: where its header stands, and what it holds so far."""

    name: str
    offset: int
    method: int = DEFLATED
    crc: int = 0
    packed: int = 0
    raw: int = 0


def begin(name: str, offset: int) -> tuple[bytes, Entry]:
    """A member whose size is not known yet; its header."""
    entry = Entry(name, offset)
    return _header(entry, _SIZES_FOLLOW), entry


def grow(entry: Entry, content: bytes) -> tuple[bytes, Entry]:
    """`content` added to a member that was begun."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    piece = packer.compress(content) + packer.flush(zlib.Z_SYNC_FLUSH)
    grown = msgspec.structs.replace(
        entry,
        crc=zlib.crc32(content, entry.crc),
        packed=entry.packed + len(piece),
        raw=entry.raw + len(content),
    )
    return piece, grown


def end(entry: Entry) -> tuple[bytes, Entry]:
    """Its last bytes: the end of the stream, and the sizes that its header could not know."""
    ended = msgspec.structs.replace(entry, packed=entry.packed + len(_LAST_BLOCK))
    return _LAST_BLOCK + struct.pack("<4sIII", b"PK\x07\x08", ended.crc, ended.packed, ended.raw), ended


def whole(name: str, content: bytes, offset: int) -> tuple[bytes, Entry]:
    """A member at once, as it is: photos and PDF files do not get smaller."""
    entry = Entry(name, offset, STORED, zlib.crc32(content), len(content), len(content))
    return _header(entry, 0) + content, entry


def directory(entries: Iterable[Entry], offset: int) -> bytes:
    """The end of the archive, which begins at `offset`: the list of its members."""
    listed = list(entries)
    lines = b"".join(map(_line, listed))
    count = len(listed)
    return lines + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, len(lines), offset, 0)


def _header(entry: Entry, flags: int) -> bytes:
    name = entry.name.encode()
    fields = (_VERSION, _UTF8 | flags, entry.method, _TIME, _DAY, entry.crc, entry.packed, entry.raw, len(name), 0)
    return struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", *fields) + name


def _line(entry: Entry) -> bytes:
    name = entry.name.encode()
    flags = _UTF8 | (_SIZES_FOLLOW if entry.method == DEFLATED else 0)
    fixed = struct.pack(
        "<4sHHHHHHIIIHHHHHII",
        b"PK\x01\x02",
        _VERSION,
        _VERSION,
        flags,
        entry.method,
        _TIME,
        _DAY,
        entry.crc,
        entry.packed,
        entry.raw,
        len(name),
        0,
        0,
        0,
        0,
        0,
        entry.offset,
    )
    return fixed + name
