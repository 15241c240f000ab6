"""Administrative divisions: six-digit codes of the country, nine and twelve digits below a county.

The country's codes, withdrawn ones included, come from python-stdnum's dated list; a file in
`config/divisions/` adds a county's own townships and villages, or a county that exists only in the demo.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
from stdnum import numdb

from backend.core.national import PROVINCE_PREFIXES, SYNTHETIC_PREFIX

# Rows of the list that group districts and are never said aloud.
_GROUPINGS = frozenset(("市辖区", "县", "市", "省直辖县级行政单位", "省直辖行政单位", "自治区直辖县级行政单位"))
# Stands on residence permits only, so nobody may choose it; the list has the province as 710000.
_TAIWAN_RESIDENCE_PERMIT = "830000"
_PERIODS = re.compile(r"(?:\[([0-9]*)-([0-9]*)\])?([^,\[]+)")


class Division(msgspec.Struct, frozen=True):
    """`parent` is "" for a province; a `retired` code still stands on people's identity cards."""

    code: str
    name: str
    parent: str
    retired: bool = False


class _Node(msgspec.Struct, forbid_unknown_fields=True):
    code: str
    name: str
    children: list["_Node"] = []


class _CountyFile(_Node, forbid_unknown_fields=True):
    """`above` names the province and city, only where the country's list has none."""

    above: list[_Node] = []


class Divisions:
    def __init__(self, rows: dict[str, Division]) -> None:
        self._rows = rows
        self._children: dict[str, list[Division]] = {}
        for row in rows.values():
            if not row.retired and row.name not in _GROUPINGS:
                self._children.setdefault(row.parent, []).append(row)

    @classmethod
    def load(cls, folder: Path) -> "Divisions":
        """The country's list and every county file of the folder; ValueError names a file that is wrong."""
        names = dict(_national_names())
        for path in sorted(folder.glob("*.yaml")):
            names.update(_county_names(path))
        known = {code: name for code, (name, _) in names.items()}
        return cls(
            {
                code: Division(code=code, name=name, parent=_parent(code, known), retired=retired)
                for code, (name, retired) in sorted(names.items())
            }
        )

    def get(self, code: str) -> Division | None:
        return self._rows.get(code)

    def exists(self, code: str) -> bool:
        """True for withdrawn codes too."""
        return code in self._rows

    def name(self, code: str) -> str:
        """Empty for a code that nobody knows."""
        row = self._rows.get(code)
        return row.name if row else ""

    def full_name(self, code: str) -> str:
        """湖南省长沙市长沙县; of an unknown code as much as its first digits tell, at worst nothing."""
        row = self._rows.get(code) or self._rows.get(_nearest_known(code, self._rows))
        return self.full_name(row.parent) + row.name if row else ""

    def children(self, code: str) -> list[Division]:
        """What lies directly below and is in force; `""` gives the provinces."""
        return list(self._children.get(code, ()))

    def county_of(self, code: str) -> str | None:
        """Six digits, for a township, a village or the county itself; None for provinces and cities."""
        county = code[:6]
        return county if county in self._rows and not county.endswith("00") else None

    def search(self, text: str, *, limit: int = 20) -> list[Division]:
        """By the start of the code or any part of the name; whole names first, then beginnings."""
        wanted = text.strip()
        if not wanted:
            return []
        in_force = (row for siblings in self._children.values() for row in siblings)
        hits = [row for row in in_force if row.code.startswith(wanted) or wanted in row.name]

        def rank(row: Division) -> tuple[bool, bool, int, str]:
            return row.name != wanted, not row.name.startswith(wanted), len(row.code), row.code

        return sorted(hits, key=rank)[:limit]

    def household_province(self, id_number: str) -> str:
        """Six-digit province of an identity number, "" if there is none; withdrawn counties do not matter.

        A synthetic number that names a real province (99PP…) belongs to that one, any other to 990000.
        """
        prefix = id_number[:2]
        if prefix == SYNTHETIC_PREFIX and id_number[2:4] in PROVINCE_PREFIXES:
            prefix = id_number[2:4]
        code = f"{prefix}0000"
        return code if code in self._rows else ""


def _nearest_known(code: str, rows: dict[str, Division]) -> str:
    candidates = (code[:9], code[:6], f"{code[:4]}00", f"{code[:2]}0000")
    return next((candidate for candidate in candidates if candidate in rows), "")


def _parent(code: str, names: dict[str, str]) -> str:
    if len(code) > 6:
        return code[:-3]
    if code.endswith("0000"):
        return ""
    city = f"{code[:4]}00"
    if code != city and names.get(city, "市辖区") not in _GROUPINGS:
        return city
    return f"{code[:2]}0000"


def _national_names() -> Iterator[tuple[str, tuple[str, bool]]]:
    """(code, (name, retired)); the list writes "[1983-1995]东区,[1996-]芙蓉区" for a code used twice."""
    for _, province, _, _, below in numdb.get("cn/loc").prefixes:
        for _, rest, _, properties, _ in below:
            periods = _PERIODS.findall(properties["county"])
            in_force = [name for _, end, name in periods if not end]
            yield province + rest, (in_force[-1] if in_force else periods[-1][2], not in_force)
    yield _TAIWAN_RESIDENCE_PERMIT, ("台湾", True)


def _county_names(path: Path) -> Iterator[tuple[str, tuple[str, bool]]]:
    try:
        county = msgspec.yaml.decode(path.read_bytes(), type=_CountyFile)
    except msgspec.MsgspecError as error:
        raise ValueError(f"{path}: {error}") from error
    if not re.fullmatch(r"[0-9]{6}", county.code) or path.stem != county.code:
        raise ValueError(f"{path}: the file is named after the county's six digits, not {county.code}")
    for node in county.above:
        if node.code not in (f"{county.code[:2]}0000", f"{county.code[:4]}00") or node.children:
            raise ValueError(f"{path}: {node.code} is not the province or city of {county.code}")
        yield node.code, (node.name, False)
    yield county.code, (county.name, False)
    for code, name in _below(path, county):
        yield code, (name, False)


def _below(path: Path, node: _Node) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for child in node.children:
        fits = child.code.startswith(node.code) and re.fullmatch(r"[0-9]{9}|[0-9]{12}", child.code)
        if not fits or len(child.code) != len(node.code) + 3:
            raise ValueError(f"{path}: {child.code} is not three digits below {node.code}")
        if child.code in seen:
            raise ValueError(f"{path}: {child.code} is there twice")
        seen.add(child.code)
        yield child.code, child.name
        yield from _below(path, child)
