"""First letters of the Chinese sounds, the short form staff type into a search box."""

import unicodedata

from backend.core.national import COMPOUND_SURNAMES

# Characters that sound different as a surname, where that changes the first letter.
_SURNAME_INITIALS = {
    "曾": "z", "仇": "q", "区": "o", "查": "z", "单": "s", "解": "x", "翟": "z", "种": "c", "乐": "y",
    "员": "y", "繁": "p", "秘": "b", "召": "s", "折": "s", "隗": "w", "藏": "z",
}  # fmt: skip


def initials(text: str) -> str:
    """长沙县总工会 → "csxzgh". Letters and digits stay, in lower case; what has no sound is left out."""
    # Its dictionaries take some 55 MB, and many processes never need them.
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

    sounds = lazy_pinyin(unicodedata.normalize("NFKC", text), style=Style.FIRST_LETTER, errors="default")
    return "".join(c for sound in sounds for c in sound.lower() if c.isascii() and c.isalnum())


def name_initials(name: str) -> str:
    """Like `initials`, with the surname's own reading: 曾小测 → "zxc", 单于小测 → "cyxc"."""
    surname = _SURNAME_INITIALS.get(name[:1])
    if surname is None or name[:2] in COMPOUND_SURNAMES:
        return initials(name)
    return surname + initials(name[1:])
