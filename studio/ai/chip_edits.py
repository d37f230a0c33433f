"""Chips as controls: each change of a chip is a change of the words it stands for.

The text stays the one truth: what a chip says can be read in it, undone in it, and asked for again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from studio.ai import lexicon
from studio.ai.requests import Chip
from studio.ai.words import understand, value_text
from studio.domain.theory import FLAT_NAMES

_LEADING_ON = re.compile(
    r"(?:^|\s+|(?<=[,;]))(?:with|and|or|in|at|a|an|the|plus|but|for|by|of|mit|und|avec|et|con|y)$",
    re.I,
)
_LEADING_IN = re.compile(r"^(?:and|or|with|but|plus|und|mit|et|avec|con|y)\s+", re.I)
_UNITS = {"tempo": "{} bpm", "bars": "{} bars", "length": "{} minutes"}
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?$")


def removed(text: str, chip: Chip, chips: Sequence[Chip]) -> str:
    """`text` without what `chip` says; what shares its words stays, in words of its own."""
    return _rewritten(text, chip, chips, "")


def changed(text: str, chip: Chip, chips: Sequence[Chip], words: str) -> str:
    """`text` with other words for what `chip` says."""
    return _rewritten(text, chip, chips, words)


def unread(text: str, chip: Chip) -> str:
    """`text` with the words that `chip` was guessed from in quotation marks: they are not read."""
    for start, end in sorted(chip.spans, reverse=True):
        text = f"{text[:start]}“{text[start:end]}”{text[end:]}"
    return text


def completed(chip: Chip, typed: str) -> str:
    """What was typed into a chip, as words for the text; empty where it says nothing there.

    A number is taken in the chip's unit; "no" and "only" are kept where the chip says so.
    """
    words = " ".join(typed.split())
    if _NUMBER.match(words):
        words = _UNITS.get(chip.control, "{}").format(words)
    for mark in ("no", "only"):
        if chip.words.startswith(f"{mark} ") and not words.startswith(f"{mark} "):
            words = f"{mark} {words}"
    said = understand(words).chips
    fits = said and all(other.control for other in said)
    return words if fits and (not chip.control or said[0].control == chip.control) else ""


def choices(chip: Chip) -> tuple[str, ...]:
    """What a chip of this kind may say instead; for one not understood, moods and styles."""
    rows: dict[str, Sequence[str]] = {
        "style": list(lexicon.STYLES),
        "mood": list(lexicon.MOODS),
        "instrument": list(lexicon.INSTRUMENTS),
        "feel": list(lexicon.FEELS),
        "density": ["sparse", "busy"],
        "meter": ["2/4", "3/4", "4/4", "5/4", "6/8", "7/8", "12/8"],
        "tempo": [value_text("pace", pace) for pace in lexicon.PACES],
        "key": [f"{name} {mode}" for mode in ("major", "minor") for name in FLAT_NAMES],
        "bars": [f"{bars} bars" for bars in (4, 8, 12, 16, 24, 32, 64)],
        "length": ["30 seconds", "1 minute", "2 minutes", "3 minutes", "4 minutes"],
        "": [*lexicon.MOODS, *lexicon.STYLES],
    }
    return tuple(rows.get(chip.control, ()))


def _rewritten(text: str, chip: Chip, chips: Sequence[Chip], words: str) -> str:
    """Every place of `chip` with `words` there, the last place first."""
    for number, span in enumerate(sorted(chip.spans, reverse=True)):
        first = number == len(chip.spans) - 1
        others = [c for c in chips if c.negative == chip.negative and span in c.spans]
        said = [(words if first else "") if c == chip else _own_words(c) for c in others]
        text = _replaced(text, span, ", ".join(dict.fromkeys(part for part in said if part)))
    return text


def _own_words(chip: Chip) -> str:
    return chip.heard or chip.words


def _replaced(text: str, span: tuple[int, int], words: str) -> str:
    """`words` in place of a span; where there are none, the gap they leave is closed."""
    before, after = text[: span[0]], text[span[1] :]
    if words:
        return f"{before}{words}{after}"
    before, after = before.rstrip(), after.lstrip()
    if not after or after[0] in ",.;:!?)":
        before = _without_lead(before)
    if not before:
        return _LEADING_IN.sub("", after.lstrip(",;. "))
    if not after:
        return before.rstrip(",; ")
    if after[0] in ",;" and before[-1] in ",;":
        after = after[1:].lstrip()
    return f"{before}{_join(before, after)}{after}"


def _join(before: str, after: str) -> str:
    """A comma where two words met that were none's neighbours, so that they make no phrase."""
    if after[:1] in ",.;:!?)":
        return ""
    small = before[-1] in ",.;:!?(" or before.rsplit(maxsplit=1)[-1].lower() in lexicon.STOP_WORDS
    return " " if small else ", "


def _without_lead(before: str) -> str:
    """Without the small words that led on to what is gone."""
    while (shorter := _LEADING_ON.sub("", before).rstrip()) != before:
        before = shorter
    return before
