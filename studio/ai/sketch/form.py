"""Form: which section stands where, what material it uses, and how it divides into phrases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

# family -> layouts of (name, letter, bars), longest first within reach
FORMS: dict[str, tuple[tuple[tuple[str, str, int], ...], ...]] = {
    "song": (
        (("A", "A", 4),),
        (("A", "A", 4), ("A", "A", 4)),
        (("A", "A", 4), ("A", "A", 4), ("B", "B", 4)),
        (("Verse", "A", 8), ("Chorus", "B", 8)),
        (("Intro", "A", 4), ("Verse", "A", 8), ("Chorus", "B", 8)),
        (("Verse", "A", 8), ("Chorus", "B", 8), ("Verse", "A", 8)),
        (("Verse", "A", 8), ("Chorus", "B", 8), ("Verse", "A", 8), ("Chorus", "B", 8)),
        (("Intro", "A", 4), ("Verse", "A", 8), ("Chorus", "B", 8), ("Verse", "A", 8), ("Chorus",
        "B", 8), ("Outro", "A", 4)),
        (("Intro", "A", 4), ("Verse", "A", 8), ("Chorus", "B", 8), ("Verse", "A", 8), ("Chorus",
        "B", 8), ("Bridge", "C", 8), ("Chorus", "B", 8), ("Outro", "A", 4)),
    ),
    "aaba": (
        (("A", "A", 4),),
        (("A", "A", 4), ("A", "A", 4)),
        (("A", "A", 4), ("A", "A", 4), ("B", "B", 4)),
        (("A", "A", 4), ("A", "A", 4), ("B", "B", 4), ("A", "A", 4)),
        (("A", "A", 8), ("B", "B", 8), ("A", "A", 8)),
        (("A", "A", 8), ("A", "A", 8), ("B", "B", 8), ("A", "A", 8)),
        (("A", "A", 8), ("A", "A", 8), ("B", "B", 8), ("A", "A", 8), ("Solo", "A", 8), ("Solo",
        "A", 8), ("B", "B", 8), ("A", "A", 8)),
    ),
    "loop": (
        (("A", "A", 4),),
        (("A", "A", 4), ("A", "A", 4)),
        (("A", "A", 4), ("A", "A", 4), ("B", "B", 4)),
        (("A", "A", 8), ("B", "B", 8)),
        (("Intro", "A", 4), ("A", "A", 8), ("B", "B", 8), ("A", "A", 4)),
        (("A", "A", 8), ("B", "B", 8), ("A", "A", 8), ("B", "B", 8)),
        (("Intro", "A", 8), ("A", "A", 8), ("B", "B", 8), ("Break", "A", 8), ("A", "A", 8), ("B",
        "B", 8)),
    ),
    "classical": (
        (("A", "A", 4),),
        (("A", "A", 8),),
        (("A", "A", 8), ("B", "B", 4)),
        (("A", "A", 8), ("B", "B", 8)),
        (("A", "A", 8), ("B", "B", 8), ("A", "A", 8)),
        (("A", "A", 8), ("A", "A", 8), ("B", "B", 8), ("A", "A", 8)),
        (("A", "A", 16), ("B", "B", 16), ("A", "A", 16)),
    ),
    "blues": ((("Chorus", "A", 12),),),
}  # fmt: skip

ENERGY = {
    "Intro": 0.42, "Verse": 0.56, "Pre-chorus": 0.64, "Chorus": 0.84, "Bridge": 0.6, "Solo": 0.74,
    "Outro": 0.5, "Break": 0.38,
    "A": 0.58, "B": 0.74, "C": 0.64,
}  # fmt: skip
# Parts that wait in a section of this name.
SILENT = {
    "Intro": frozenset(("melody", "counter")), "Break": frozenset(("drums", "bass", "melody")),
    "Outro": frozenset(("counter",)),
}  # fmt: skip
LETTERS = {
    "Intro": "A", "Verse": "A", "Pre-chorus": "P", "Chorus": "B", "Bridge": "C", "Solo": "A",
    "Outro": "A", "Break": "A",
}  # fmt: skip


class Section(NamedTuple):
    name: str
    letter: str
    bars: int
    turn: int = 0


def energy_of(section: Section, lift: float) -> float:
    """How much is going on in a section: more each time it returns; `lift` is added; 0-1."""
    usual = ENERGY.get(section.name, 0.6) + lift + 0.04 * min(section.turn, 2)
    return min(max(usual, 0.15), 1.0)


class Place(NamedTuple):
    """Where a bar stands: `bar` of its section, `in_phrase` of a phrase."""

    section: Section
    bar: int
    phrase: int
    in_phrase: int
    phrase_bars: int


def sections(bars: int, family: str, asked: Sequence[tuple[str, int]] = ()) -> tuple[Section, ...]:
    """A form of exactly `bars` bars.

    Args:
        asked: (name, bars) as the prompt names them; 0 bars share what is left.
    """
    layout = _asked(bars, asked) if asked else _laid_out(bars, family)
    heard: dict[str, int] = {}
    found = []
    for name, letter, count in layout:
        turn = heard.get(letter, 0)
        heard[letter] = turn + 1
        found.append(Section(name, letter, count, turn))
    return tuple(found)


def _laid_out(bars: int, family: str) -> list[tuple[str, str, int]]:
    if family == "blues":
        if bars < 12:
            return [("Chorus", "A", bars)]
        choruses, rest = divmod(bars, 12)
        return [("Chorus", "A", 12)] * choruses + ([("Outro", "A", rest)] if rest else [])
    within = [layout for layout in FORMS[family] if sum(row[2] for row in layout) <= bars]
    if not within:
        return [("A", "A", bars)]
    longest = list(max(within, key=lambda layout: sum(row[2] for row in layout)))
    left = bars - sum(row[2] for row in longest)
    while left >= 8:
        turn = longest[-1][1]
        longest.append(("B", "B", 8) if turn == "A" else ("A", "A", 8))
        left -= 8
    if left >= 4:
        longest.append((longest[0][0], longest[0][1], left))
    elif left:
        name, letter, count = longest[-1]
        longest[-1] = (name, letter, count + left)
    return longest


def _asked(bars: int, asked: Sequence[tuple[str, int]]) -> list[tuple[str, str, int]]:
    told = sum(count for _, count in asked)
    untold = sum(1 for _, count in asked if not count)
    share = max((bars - told) // untold, 1) if untold else 0
    share = 8 if share > 8 else share
    found: list[tuple[str, str, int]] = []
    while (left := bars - sum(row[2] for row in found)) > 0:
        for name, count in asked:
            count = min(count or share, left)
            if count > 0:
                found.append((name, LETTERS.get(name, name[:1]), count))
                left -= count
    return found


def places(laid: Sequence[Section]) -> list[Place]:
    """One place for each bar of the form, in order."""
    found: list[Place] = []
    phrase = 0
    for section in laid:
        at = 0
        for length in phrase_lengths(section.bars):
            found += [Place(section, at + i, phrase, i, length) for i in range(length)]
            at += length
            phrase += 1
    return found


def phrase_lengths(bars: int) -> list[int]:
    """Phrases of four bars; what is left over makes the last one longer, or one of its own."""
    whole, rest = divmod(bars, 4)
    if not whole:
        return [rest]
    if rest == 0:
        return [4] * whole
    return [4] * (whole - 1) + [4 + rest] if rest < 3 else [4] * whole + [rest]
