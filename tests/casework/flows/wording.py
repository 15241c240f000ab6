"""What papers and public notices say: what their text in the flow file says, with a word for every name."""

import re
from collections.abc import Callable, Container, Sequence

from backend.casework import papers
from tests.casework.flows.cases import Case


def faults(patterns: Sequence[str], lines: Sequence[str], is_due: Callable[[str], bool]) -> list[str]:
    """Lines that are not what the flow file says, and names that had to be filled in and were not."""
    found = [f"{len(lines)} lines instead of {len(patterns)}"] if len(lines) != len(patterns) else []
    for pattern, line in zip(patterns, lines, strict=False):
        said = _said(pattern, line)
        if said is None:
            found.append(f"“{line}” is not “{pattern}”")
        elif blank := sorted(name for name, word in said if word == papers.NOTHING and is_due(name)):
            found.append(f"nothing stands for {', '.join(blank)} in “{pattern}”")
        if re.search(r"\{[a-z]", line):
            found.append(f"a name is left in “{line}”")
    return found


def _said(pattern: str, line: str) -> list[tuple[str, str]] | None:
    """What stands for each name of the text."""
    names = papers.names_in(pattern)
    parts = re.split("|".join(re.escape(f"{{{name}}}") for name in names) or r"\Z", pattern)
    match = re.fullmatch("(.+?)".join(re.escape(part) for part in parts[: len(names) + 1]), line, re.DOTALL)
    return None if match is None else list(zip(names, match.groups(), strict=True))


def is_due(case: Case, name: str, done: Container[str]) -> bool:
    """Whether the case has what belongs there: all was filled in, so only what was never asked may lack.

    `done` are the actions that have been done for certain when the text is written.
    """
    space, _, rest = name.partition(".")
    if space == "form":
        return rest in case.values
    return space != "act" or rest.partition(".")[0] in done
