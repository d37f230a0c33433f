"""Finds what a text says: each thing with where it stands, and whether it is wanted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TypeAlias

from studio.ai import lexicon, word_patterns

Meaning: TypeAlias = tuple[str, object]  # (control, value)
Guess: TypeAlias = Callable[[str], Meaning | None]
Span: TypeAlias = tuple[int, int]

ARTISTS = "Names of artists are not understood: describe how it should sound."
_NEAR = 3  # words from "only" to the instrument that it means
_LONGEST_PHRASE = 12  # words
_SELF_SUFFICIENT = ("piano", "harp", "organ", "nylon guitar", "acoustic guitar", "harpsichord")
_ELISION = re.compile(r"(?<![\w'])[ld]'(?=\w)")
_TURNS = frozenset(("with", "but", "mit", "aber", "avec", "mais", "con", "pero", "ma", "plus"))
_FOR = frozenset(("for", "fur", "pour", "para", "per"))  # ends what "no" refuses, where it did
_ANDS = re.compile(r"\s+(?:and|or|und|oder|et|ou|y|o|e)\s+")
_VOICING = 8  # the class of the marks that make ga of ka in Japanese: no accents


@dataclass(frozen=True, slots=True)
class Found:
    """One thing a text says, or (`control` empty) words that were not understood.

    Attributes:
        words: Where its own words stand, as (start, end).
        span: Where the words stand that decide it: with "no", "only" and what shares them.
        note: Why it was not understood.
    """

    words: Span
    span: Span
    control: str
    value: object
    negated: bool = False
    guessed: bool = False
    note: str = ""

    @property
    def start(self) -> int:
        return self.words[0]


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a text says.

    Attributes:
        phrases: Neighbouring words that were not understood, as one, each with those it is of.
    """

    text: str
    found: tuple[Found, ...]
    unknown: tuple[Found, ...]
    phrases: tuple[tuple[Found, tuple[Found, ...]], ...]
    only: bool

    def guessed(self, guess: Guess) -> Reading:
        """With what `guess` makes of phrases that were not understood."""
        found, unknown = list(self.found), [u for u in self.unknown if not self._in_phrase(u)]
        for phrase, words in self.phrases:
            said = list(self._guesses(phrase, guess))
            found += said
            unknown += [w for w in words if not any(_within(w.words, g.words) for g in said)]
        return replace(self, found=tuple(found), unknown=tuple(unknown))

    def _in_phrase(self, entry: Found) -> bool:
        return any(entry in words for _, words in self.phrases)

    def _guesses(self, phrase: Found, guess: Guess) -> Iterator[Found]:
        """What the whole phrase means, else what its parts do, divided at "and"."""
        start, end = phrase.words
        for left, right in dict.fromkeys(((start, end), *_parts(self.text, start, end))):
            meaning = guess(_plain(self.text[left:right]))
            if meaning is None:
                continue
            span = phrase.span if phrase.negated else (left, right)
            yield Found((left, right), span, *meaning, phrase.negated, guessed=True)
            if (left, right) == (start, end):
                return


def read(text: str) -> Reading:
    """Read a text by the lexicon."""
    reader = _Reader(text)
    reader.read()
    return reader.reading()


# --- folding ----------------------------------------------------------------------------------


def fold(text: str) -> tuple[str, list[int]]:
    """Lower case without accents, sharps and flats as # and b; and where each sign came from."""
    folded: list[str] = []
    origin: list[int] = []
    for at, sign in enumerate(text):
        plain = _FOLDED.get(sign) or _without_accents(sign)
        folded.append(plain)
        origin += [at] * len(plain)
    return "".join(folded), [*origin, len(text)]


_FOLDED = {"♯": "#", "♭": "b", "’": "'", "ß": "ss"}


@cache
def _without_accents(sign: str) -> str:
    marks = unicodedata.normalize("NFKD", sign.lower())
    kept = (mark for mark in marks if unicodedata.combining(mark) in (0, _VOICING))
    return unicodedata.normalize("NFC", "".join(kept))


def _plain(text: str) -> str:
    return " ".join(text.split())


# --- reading ----------------------------------------------------------------------------------


@dataclass
class _Group:
    """Words that belong together: what "no" or "only" applies to, or one phrase."""

    start: int
    end: int


@dataclass
class _Reader:
    """Goes through a text once by patterns and once by words. Positions are of the folded text."""

    original: str
    plain: str = ""
    origin: list[int] = field(default_factory=list)
    found: list[tuple[int, int, Meaning, bool, _Group]] = field(default_factory=list)
    unknown: list[tuple[int, int, str, bool, _Group]] = field(default_factory=list)
    runs: list[list[int]] = field(default_factory=list)  # of neighbours among `unknown`
    notes: dict[int, str] = field(default_factory=dict)  # by start in `unknown`
    only: bool = False

    def read(self) -> None:
        self.plain, self.origin = fold(self.original)
        self._take_quoted()
        self._take_chords()
        self._take_all(word_patterns.length_rules())
        self._take_all(word_patterns.tempo_rules())
        self._take_form(least=2)  # "intro 4 bars, verse 8 bars": none of these is the song's length
        self._take_all(word_patterns.bar_rules())
        self._take_all(word_patterns.key_rules())
        self._take_form(least=1)
        if not any(meaning[0] == "bpm" for _, _, meaning, _, _ in self.found):
            self._take(word_patterns.BARE_NUMBER, "bpm", word_patterns.likely_bpm)
        self._take_words()

    # -- patterns -----------------------------------------------------------------------------
    def _blank(self, start: int, end: int) -> None:
        """So that no other rule reads it again."""
        self.plain = self.plain[:start] + " " * (end - start) + self.plain[end:]

    def _note(self, start: int, end: int, control: str, value: object) -> None:
        self.found.append((start, end, (control, value), False, _Group(start, end)))
        self._blank(start, end)

    def _take_all(self, rules: Sequence[word_patterns.Rule]) -> None:
        for pattern, control, value_of in rules:
            self._take(pattern, control, value_of)

    def _take(
        self, pattern: re.Pattern[str], control: str, value_of: word_patterns.ValueOf
    ) -> None:
        for match in list(pattern.finditer(self.plain)):
            value = value_of(match)
            typed = self.original[self.origin[match.start()] : self.origin[match.end()]]
            if value is None and pattern is not word_patterns.BARE_NUMBER:
                self._take_beyond(match, typed, word_patterns.LIMITS.get(control, ""))
            elif value is not None and not word_patterns.is_small_word(match, typed):
                self._note(match.start(), match.end(), control, value)

    def _take_beyond(self, match: re.Match[str], typed: str, limit: str) -> None:
        """A number that cannot be: it is shown as not understood, and why."""
        if limit:
            start, end = match.span()
            self.unknown.append((start, end, typed, False, _Group(start, end)))
            self.notes[start] = limit
            self._blank(start, end)

    def _take_quoted(self) -> None:
        """What stands in quotation marks is a name, unless that is all there is."""
        for match in list(word_patterns.QUOTED.finditer(self.plain)):
            if match[0] == self.plain.strip():
                self._blank(match.start(), match.start() + 1)
                self._blank(match.end() - 1, match.end())
                return
            said = self.original[self.origin[match.start()] : self.origin[match.end()]]
            group = _Group(match.start(), match.end())
            self.unknown.append((match.start(), match.end(), said, False, group))
            self._blank(match.start(), match.end())

    def _take_chords(self) -> None:
        shown = self._shown()
        for start, end, bars in word_patterns.chord_lines(shown):
            left, right = self.origin.index(start), self._end(end)
            self._note(left, right, "chords", bars)

    def _shown(self) -> str:
        """The text as typed, blanked where `plain` is."""
        signs = list(self.original)
        for at, sign in enumerate(self.plain):
            if sign == " ":
                signs[self.origin[at]] = " "
        return "".join(signs)

    def _end(self, at: int) -> int:
        """Where the sign before `at` of the text as typed ends in the folded one."""
        return next(i for i, source in enumerate(self.origin) if source >= at)

    def _take_form(self, least: int) -> None:
        """Sections in a row; a single name without a number says nothing of the form."""
        matches = list(word_patterns.section_pattern().finditer(self.plain))
        told = sum(1 for match in matches if match["after"] or match["before"] or match["times"])
        if len(matches) < least or (len(matches) < 2 and not told):
            return
        sections: list[tuple[str, int]] = []
        for match in matches:
            bars = int(match["after"] or match["before"] or 0)
            name = word_patterns.section_names()[match["name"]]
            sections += [(name, min(bars, 128))] * int(match["times"] or 1)
        start, end = matches[0].start(), matches[-1].end()
        for match in matches:
            self._blank(match.start(), match.end())
        self.found.append((start, end, ("form", tuple(sections)), False, _Group(start, end)))

    # -- words --------------------------------------------------------------------------------
    def _take_words(self) -> None:
        text = _ELISION.sub("  ", self.plain)
        tokens = list(re.finditer(r"[\w#&'+\-]+|[,.;:!?\n()]", text))
        scope: _Group | None = None  # of "no"
        only: tuple[int, _Group] | None = None  # where "only" stood last
        index = 0
        while index < len(tokens):
            index, scope, only = self._step(tokens, index, scope, only)

    def _step(
        self,
        tokens: Sequence[re.Match[str]],
        index: int,
        scope: _Group | None,
        only: tuple[int, _Group] | None,
    ) -> tuple[int, _Group | None, tuple[int, _Group] | None]:
        """Read the word (or phrase) at `index`; what "no" and "only" mean from there on."""
        token = tokens[index]
        word, at = token.group(), token.start()
        taken, meanings = longest_phrase([t.group() for t in tokens[index : index + 4]])
        if taken:
            end = tokens[index + taken - 1].end()
            near = only if only is not None and index - only[0] <= _NEAR and not scope else None
            self._take_meanings(at, end, meanings, scope, near)
            return index + taken, scope, only
        if word in lexicon.ONLY:
            only = self._only(index, token, only)
            return index + 1, None, only
        if word in lexicon.NOT:
            return index + 1, _Group(at, token.end()), only
        if not word[0].isalnum() or word in _TURNS or (word in _FOR and self._refuses(scope)):
            self._end_run()
            return index + 1, None, only
        if matters(word):
            self._take_unknown(at, token.end(), word, scope)
        return index + 1, scope, only

    def _refuses(self, scope: _Group | None) -> bool:
        """Whether the "no" that holds here was followed by what it means."""
        return scope is not None and " " in self.plain[scope.start : scope.end]

    def _take_meanings(
        self,
        start: int,
        end: int,
        meanings: Sequence[Meaning],
        scope: _Group | None,
        only: tuple[int, _Group] | None,
    ) -> None:
        named = any(control == "instrument" for control, _ in meanings)
        group = scope or (only[1] if only and named else None) or _Group(start, end)
        group.end = max(group.end, end)
        negated = scope is not None
        self.found += [(start, end, meaning, negated, group) for meaning in meanings]
        self.only |= named and only is not None
        said = " ".join(self.plain[start:end].split())
        self.only |= said in lexicon.ENSEMBLES and not negated
        self._end_run()

    def _only(
        self, index: int, token: re.Match[str], before: tuple[int, _Group] | None
    ) -> tuple[int, _Group] | None:
        """Where "only" stands; "solo" is one before an instrument, or after one that needs none."""
        if token.group() == "solo" and not self._is_alone():
            return before
        group = _Group(token.start(), token.end())
        if self._follows_instrument(token.start()):
            self.only = True
            group = self.found[-1][4]
            group.end = max(group.end, token.end())
        return index, group

    def _follows_instrument(self, at: int) -> bool:
        """Whether the word before named an instrument, as in "piano only"."""
        if not self.found or self.found[-1][2][0] != "instrument":
            return False
        between = self.plain[self.found[-1][0] : at]
        return 0 < len(between) < 24 and not re.search(r"[,.;:!?\n]", between)

    def _is_alone(self) -> bool:
        before = self.found[-1] if self.found else None
        if before is None or before[2][0] != "instrument":
            return True
        return before[2][1] in _SELF_SUFFICIENT

    def _take_unknown(self, start: int, end: int, word: str, scope: _Group | None) -> None:
        """A word that nothing is known of; neighbours make a phrase, names of artists do not."""
        if self._names_artist(start):
            self._take_artist(start, end)
            return
        group = scope or _Group(start, end)
        group.end = max(group.end, end)
        self.unknown.append((start, end, word, scope is not None, group))
        if not self.runs or not self.runs[-1] or len(self.runs[-1]) >= _LONGEST_PHRASE:
            self.runs.append([])
        self.runs[-1].append(len(self.unknown) - 1)

    def _names_artist(self, start: int) -> bool:
        """Whether "in the style of" stands before, in the same part of the sentence."""
        before = list(word_patterns.STYLE_OF.finditer(self.plain, 0, start))
        return bool(before) and not re.search(
            r"[,.;:!?\n]|\b(?:with|but|and)\b", self.plain[before[-1].end() : start]
        )

    def _take_artist(self, start: int, end: int) -> None:
        """A name may have several words; it is shown as it was typed, and never guessed."""
        if self.unknown and self.unknown[-1][0] in self.notes:
            first, last, *_ = self.unknown[-1]
            if not self.plain[last:start].strip():
                start = first
                self.unknown.pop()
        said = self.original[slice(*self._there(start, end))]
        self.unknown.append((start, end, said, False, _Group(start, end)))
        self.notes[start] = ARTISTS

    def _end_run(self) -> None:
        if self.runs and self.runs[-1]:
            self.runs.append([])

    # -- the result ---------------------------------------------------------------------------
    def reading(self) -> Reading:
        spans = self._spans()
        found = tuple(
            Found(self._there(start, end), spans[id(group)], *meaning, negated)
            for start, end, meaning, negated, group in self.found
        )
        unknown = tuple(
            Found(self._there(s, e), spans[id(g)], "", word, negated, note=self.notes.get(s, ""))
            for s, e, word, negated, g in self.unknown
        )
        phrases = tuple(
            (_joined([unknown[i] for i in run], self.original), tuple(unknown[i] for i in run))
            for run in self.runs
            if run
        )
        return Reading(self.original, found, unknown, phrases, self.only)

    def _there(self, start: int, end: int) -> Span:
        """A stretch of the folded text in the text as typed."""
        last = self.origin[end - 1] + 1 if end > start else self.origin[start]
        return self.origin[start], last

    def _spans(self) -> dict[int, Span]:
        """Where each group stands; those that overlap are one."""
        groups = {id(entry[4]): entry[4] for entry in (*self.found, *self.unknown)}
        merged: list[list[_Group]] = []
        reach = -1
        for group in sorted(groups.values(), key=lambda g: (g.start, g.end)):
            if group.start < reach and merged:
                merged[-1].append(group)
            else:
                merged.append([group])
            reach = max(reach, group.end)
        return {
            id(group): self._there(members[0].start, max(m.end for m in members))
            for members in merged
            for group in members
        }


def _joined(words: Sequence[Found], text: str) -> Found:
    start, end = words[0].words[0], words[-1].words[1]
    span = (min(word.span[0] for word in words), max(word.span[1] for word in words))
    return Found((start, end), span, "", text[start:end], words[0].negated)


def _parts(text: str, start: int, end: int) -> Iterator[Span]:
    left = start
    for match in _ANDS.finditer(text, start, end):
        yield left, match.start()
        left = match.end()
    yield left, end


def _within(inner: Span, outer: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


# --- single words and phrases -----------------------------------------------------------------


def matters(word: str) -> bool:
    """Whether a word could say something: it has letters and is no small word."""
    return (
        word not in lexicon.STOP_WORDS
        and len(word) > 1
        and any(letter.isalpha() for letter in word)
    )


@cache
def _phrases() -> dict[str, tuple[Meaning, ...]]:
    table: dict[str, list[Meaning]] = {}
    for control, rows in (
        ("style", lexicon.STYLES),
        ("mood", lexicon.MOODS),
        ("instrument", lexicon.INSTRUMENTS),
        ("pace", lexicon.PACES),
        ("density", lexicon.DENSITIES),
        ("feel", lexicon.FEELS),
        ("mode", lexicon.MODES),
    ):
        for value, spellings in rows.items():
            for spelling in spellings:
                table.setdefault(spelling, []).append((control, value))
    for spelling, players in lexicon.ENSEMBLES.items():
        table.setdefault(spelling, []).extend(("instrument", player) for player in players)
    for spelling, meter in lexicon.METERS.items():
        table.setdefault(spelling, []).append(("meter", meter))
    for spelling, bpm in lexicon.TEMPO_TERMS.items():
        table[spelling] = [("bpm", bpm)]
    return {spelling: tuple(meanings) for spelling, meanings in table.items()}


def longest_phrase(words: Sequence[str]) -> tuple[int, tuple[Meaning, ...]]:
    """How many of `words` make a known phrase, and what it means."""
    table = _phrases()
    for count in range(len(words), 0, -1):
        meanings = table.get(" ".join(words[:count]))
        if meanings:
            return count, meanings
    if matters(words[0]) and words[0] not in lexicon.NOT | lexicon.ONLY:
        meanings = _near(words[0])
        if meanings:
            return 1, meanings
    return 0, ()


_ENDINGS = (
    "s", "es", "e", "en", "er", "em", "ig", "ige", "iger", "ish", "ly", "like", "song", "-song",
)  # fmt: skip


@cache
def _near(word: str) -> tuple[Meaning, ...]:
    """The meaning of an inflected, compound or misspelt word."""
    table = _phrases()
    if len(word) > 32 or word in lexicon.ORDINARY:
        return ()
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 2 and stem in table:
            return table[stem]
    for cut in range(3, len(word) - 2):
        head, tail = word[:cut].removesuffix("-"), word[cut:].removeprefix("-")
        if head in table and (tail in table or tail in ("musik", "stuck", "lied", "song", "music")):
            return table[head] + table.get(tail, ())
    wanted = _misspelt(word)
    return table[wanted] if wanted else ()


def _misspelt(word: str) -> str | None:
    """The known word that `word` is but for one letter too many, too few, wrong or changed over."""
    if len(word) < 5:
        return None
    known, shorter = _known_words()
    if found := next((less for less in _deletions(word) if less in known), None):
        return found
    if found := shorter.get(word):
        return found
    swapped = (word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(1, len(word) - 1))
    if found := next((other for other in swapped if other in known), None):
        return found
    return next((k for k in known if len(k) == len(word) >= 6 and _one_wrong(k, word)), None)


@cache
def _known_words() -> tuple[dict[str, None], dict[str, str]]:
    """Every known word of five letters or more; and these with one letter left out."""
    known = dict.fromkeys(word for word in _phrases() if len(word) >= 5 and " " not in word)
    shorter: dict[str, str] = {}
    for word in known:
        for less in _deletions(word):
            shorter.setdefault(less, word)
    return known, shorter


def _deletions(word: str) -> Iterator[str]:
    return (
        word[:at] + word[at + 1 :] for at in range(1, len(word))
    )  # the first letter is seldom wrong


def _one_wrong(word: str, other: str) -> bool:
    return word[0] == other[0] and sum(a != b for a, b in zip(word, other, strict=True)) == 1
