"""By what a case can be recognised: identity numbers, phones, bank cards and invoices of its form and tables, and
the files that stand for one thing alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from backend.casework import invoices
from backend.casework.enums import FieldKind, KeyKind
from backend.casework.flows import FieldSpec, Flow
from backend.core import crypto

_KINDS = {
    FieldKind.ID_NO: KeyKind.ID_NO,
    FieldKind.MOBILE: KeyKind.PHONE,
    FieldKind.BANK_CARD: KeyKind.BANK_CARD,
}


def keys_of(flow: Flow, values: Mapping[str, Any], digests: Iterable[str] = ()) -> dict[str, KeyKind]:
    """Blind index → what it is of. What is written twice is there once. `digests` are those of the files."""
    found = [*_in_fields(flow.fields, values), *((KeyKind.PHOTO, digest) for digest in digests)]
    found += [(KeyKind.INVOICE, number) for number in invoices.numbers_of(values)]
    return {crypto.blind_index(kind.value, value): kind for kind, value in found}


def _in_fields(fields: Sequence[FieldSpec], values: Mapping[str, Any]) -> Iterator[tuple[KeyKind, str]]:
    for spec in fields:
        value = values.get(spec.name)
        if spec.kind == FieldKind.TABLE:
            for row in value or ():
                yield from _in_fields(spec.columns, row)
        elif value and spec.kind in _KINDS:
            yield _KINDS[spec.kind], str(value)
