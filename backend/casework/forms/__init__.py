"""Forms of flows, compiled once to one typed parser per field, so that every wrong field is named at once.

What the rest of casework uses, by module:

    parse.parse_form(flow, raw, *, files, today, known={}, choices={}, only=None) -> Parsed(values, sensitive, errors)
    parse.collect(flow, raw, *, known={}) -> Collected(values, sensitive)    a draft: as typed, bounded, not judged
    parse.unlocked(flow, flagged) -> frozenset[str]               returned fields and those that depend on them
    masks.mask(field, value) · masks.is_masked(field, text) · masks.masked(flow, values) -> dict for JSON
    words.display(field, value, choices={}) -> str · words.summary(flow, values) -> str
    words.diff(flow, before, after) -> list[ChangeView]
    facts.form_facts(flow, values, today) -> {"form.…": …, "params.…": …} for predicates.evaluate
    render.render_screens(flow, values, errors, prefill, comments, only=None, *, files, choices, typed)
    render.render_answers(flow, values, *, choices={}, changed={}) -> list[FieldView]    to be read, masked

`raw` holds HTML strings (or lists of them, with `table.0.column` and `place.lat` names) or JSON values.
Canonical values: ISO text for dates, fen for money, decimal text, upper-case numbers, names in NFC, codes.
"""
