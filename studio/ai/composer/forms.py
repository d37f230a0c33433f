"""Forms of songs: which sections follow each other, how long they are, over whose chords."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from studio.ai.composer.progressions import START, Smoothed
from studio.ai.sketch.form import LETTERS, Section

END = "end"
KINDS = ("intro", "verse", "pre-chorus", "chorus", "bridge", "solo", "interlude", "outro")
NAMES = (*KINDS, END)
LENGTHS = (4, 8, 12, 16)  # bars
LEAST_BARS, MOST_BARS = 24, 240  # what is shorter or longer is no song
_TOLD = frozenset(("verse", "pre-chorus", "chorus", "bridge"))  # the others surround these
_TRIES, _PATHS = 16, 8  # draws of lengths, and of what follows what for each

Kinds = tuple[tuple[str, int], ...]  # (section, bars)


@dataclass(frozen=True, slots=True)
class Forms:
    """What was learnt of forms.

    Attributes:
        following: Sections after the two before them, `END` after the last (`contexts`).
        lengths: For each section, how often it has how many bars.
        over: For each section, how often it is over the chords of "verse" and of "chorus", and how
            often over "own" ones.
    """

    following: Smoothed
    lengths: Mapping[str, Mapping[int, float]]
    over: Mapping[str, Mapping[str, float]]

    def drawn(self, bars: int, rng: np.random.Generator) -> tuple[Section, ...] | None:
        """Sections of exactly `bars` bars, those of one kind equally long; None if none fits."""
        for _ in range(_TRIES):
            lengths = {kind: self._length(kind, bars, rng) for kind in KINDS}
            for found in self._paths(bars // 4, lengths, rng):
                if _is_song(found):
                    return self._lettered(found, bars % 4, rng)
        return None

    def _length(self, kind: str, bars: int, rng: np.random.Generator) -> int:
        least = 8 if kind in ("verse", "chorus") else 4
        found = {n: count for n, count in self.lengths[kind].items() if least <= n <= bars // 4}
        counts = found or {least: 1.0}
        chances = np.array(list(counts.values()))
        return list(counts)[int(rng.choice(len(counts), p=chances / chances.sum()))]

    def _paths(
        self, fours: int, lengths: Mapping[str, int], rng: np.random.Generator
    ) -> Iterator[Kinds]:
        """Sections that follow each other and end just there, as often as they do in songs."""
        steps = [lengths[kind] // 4 for kind in KINDS]

        @cache
        def onward(left: int, second: str, last: str) -> tuple[float, tuple[float, ...]]:
            """The chance to end just there from here, and its share by the next section."""
            following = self.following.given(contexts(second, last)).tolist()
            chances = [
                following[i] * onward(left - step, last, KINDS[i])[0] if left >= step else 0.0
                for i, step in enumerate(steps)
            ]
            chances.append(following[-1] if left == 0 else 0.0)
            return sum(chances), tuple(chances)

        for _ in range(_PATHS if onward(fours, START, START)[0] else 0):
            left, second, last = fours, START, START
            found: list[tuple[str, int]] = []
            while last != END:
                total, chances = onward(left, second, last)
                second, last = last, NAMES[int(rng.choice(len(NAMES), p=np.array(chances) / total))]
                if last != END:
                    found.append((last, lengths[last]))
                    left -= lengths[last] // 4
            yield tuple(found)

    def _lettered(self, found: Kinds, rest: int, rng: np.random.Generator) -> tuple[Section, ...]:
        letters = {kind: self._letter(kind, found, rng) for kind in dict.fromkeys(dict(found))}
        heard: dict[str, int] = {}
        sections = []
        for index, (kind, bars) in enumerate(found):
            letter = letters[kind]
            bars += rest if index == len(found) - 1 else 0
            sections.append(Section(kind.capitalize(), letter, bars, heard.get(letter, 0)))
            heard[letter] = heard.get(letter, 0) + 1
        return tuple(sections)

    def _letter(self, kind: str, found: Kinds, rng: np.random.Generator) -> str:
        """Whose material a section uses: what frames the song takes up its verse or chorus."""
        letter = LETTERS.get(kind.capitalize(), "A")
        if kind in _TOLD or not any(name == "chorus" for name, _ in found):
            return letter
        counts = self.over[kind]
        chorus, verse = counts.get("chorus", 0.0), counts.get("verse", 0.0)
        return "B" if rng.random() * (chorus + verse) < chorus else "A"

    def is_shared(self, rng: np.random.Generator) -> bool:
        """Whether a song's chorus is over the chords of its verse."""
        counts = self.over["chorus"]
        return bool(rng.random() * sum(counts.values()) < counts.get("verse", 0.0))


def contexts(second: str, last: str) -> tuple[str, ...]:
    """For the section that follows two others."""
    return "", last, f"{second} {last}"


def _is_song(found: Kinds) -> bool:
    """Whether verse and chorus are there and one of them returns, bridge and solo come after both,
    most of it is sung, and nothing comes three times in a row."""
    names = [name for name, _ in found]
    if not {"verse", "chorus"} <= set(names):
        return False
    both = max(names.index("verse"), names.index("chorus"))
    early = {"bridge", "solo", "outro"} & set(names[:both])
    returns = names.count("verse") + names.count("chorus") > 2
    bars = sum(count for _, count in found)
    framing = sum(count for name, count in found if name not in _TOLD)
    row = any(len(set(names[i : i + 3])) == 1 for i in range(len(names) - 2))
    return returns and not early and not row and framing * 3 <= bars
