"""What a prompt says: a small lexicon instead of a language model, so that it is instant and plain.

`understand` answers while the musician types. Whatever it did not understand it says so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from studio.ai import lexicon
from studio.ai.requests import Chip
from studio.domain.theory import Key, pitch_class


@dataclass(frozen=True, slots=True)
class Understood:
    """What the words set; empty or None where they say nothing.

    Attributes:
        style: The main one of `styles`: a name of `lexicon.STYLES`.
        avoided: Styles and moods that were named as unwanted.
        bpm: Quarter notes a minute.
        pace: Factor on the style's usual tempo ("slow" 0.82, "fast" 1.18).
        key: A tonic and mode; `mode` alone where only "minor" or "dorian" was said.
        instruments: Names of `lexicon.INSTRUMENTS`, in the order said; `only`: and nothing else.
        bars: As said, or as many as the form has.
        form: (section name, bars) in order; 0 bars where none were said.
        density: 0-1.
        feel: `swing`, `laid back` or `straight`.
        chips: In the order of the words; those without a control were not understood.
    """

    style: str = ""
    styles: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    avoided: tuple[str, ...] = ()
    bpm: float | None = None
    pace: float | None = None
    key: Key | None = None
    mode: str = ""
    meter: tuple[int, int] | None = None
    instruments: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    only: bool = False
    bars: int | None = None
    form: tuple[tuple[str, int], ...] = ()
    density: float | None = None
    feel: str = ""
    chips: tuple[Chip, ...] = ()


def understand(prompt: str, negative: str = "") -> Understood:
    """Read a prompt, and a second one that names what is not wanted."""
    reading = _Reading()
    reading.read(prompt)
    refused = _Reading()
    refused.read(negative)
    return _conclude(reading, refused)


# --- reading ----------------------------------------------------------------------------------


@dataclass
class _Reading:
    """What was found so far. `found` holds (position, control, value, negated)."""

    found: list[tuple[int, str, object, bool]] = field(default_factory=list)
    unknown: list[tuple[int, str]] = field(default_factory=list)
    only: bool = False

    def read(self, text: str) -> None:
        plain = _fold(text)
        for pattern, control, value_of in _patterns():
            plain = self._take(plain, pattern, control, value_of)
        plain = self._take_form(plain)
        if not any(control == "bpm" for _, control, _, _ in self.found):
            plain = self._take(plain, _BARE_NUMBER, "bpm", _likely_bpm)
        self._take_words(plain)

    def _take(
        self,
        text: str,
        pattern: re.Pattern[str],
        control: str,
        value_of: Callable[[re.Match[str]], object],
    ) -> str:
        """Note every match and blank it out, so that no other rule reads it again."""
        for match in list(pattern.finditer(text)):
            value = value_of(match)
            if value is not None:
                self.found.append((match.start(), control, value, False))
                text = _blank(text, match.start(), match.end())
        return text

    def _take_form(self, text: str) -> str:
        matches = list(_section_pattern().finditer(text))
        told = sum(1 for match in matches if match["after"] or match["before"])
        if len(matches) < 2 and not told:
            return text
        sections = []
        for match in matches:
            bars = int(match["after"] or match["before"] or 0)
            sections.append((_section_names()[match["name"]], min(bars, 128)))
            text = _blank(text, match.start(), match.end())
        self.found.append((matches[0].start(), "form", tuple(sections), False))
        return text

    def _take_words(self, text: str) -> None:
        negated, only_at = False, -_NEAR - 1
        tokens = list(re.finditer(r"[\w#&'+\-]+|[,.;:!?\n()]", _ELISION.sub("  ", text)))
        index = 0
        while index < len(tokens):
            word, at = tokens[index].group(), tokens[index].start()
            taken, meanings = _longest_phrase(
                [token.group() for token in tokens[index : index + 4]]
            )
            if taken:
                self.found += [(at, control, value, negated) for control, value in meanings]
                named = any(control == "instrument" for control, _ in meanings)
                self.only |= named and not negated and index - only_at <= _NEAR
                said = " ".join(token.group() for token in tokens[index : index + taken])
                self.only |= said in lexicon.ENSEMBLES and not negated
            elif word in lexicon.ONLY:
                negated = False
                only_at = index if word != "solo" or self._is_alone() else only_at
                self.only |= self._follows_instrument(text, at) and only_at == index
            elif word in lexicon.NOT:
                negated = True
            elif not word[0].isalnum() or word in _TURNS:
                negated = False
            elif _matters(word):
                self.unknown.append((at, word))
            index += max(taken, 1)

    def _follows_instrument(self, text: str, at: int) -> bool:
        """Whether the word before named an instrument, as in "piano only"."""
        before = self.found[-1] if self.found else None
        if before is None or before[1] != "instrument":
            return False
        between = text[before[0] : at]
        return len(between) < 24 and not re.search(r"[,.;:!?\n]", between)

    def _is_alone(self) -> bool:
        """Whether "solo" means alone: before an instrument, or after one that needs no other."""
        before = self.found[-1] if self.found else None
        return before is None or before[1] != "instrument" or before[2] in _SELF_SUFFICIENT


_NEAR = 3  # words from "only" to the instrument that it means
_SELF_SUFFICIENT = ("piano", "harp", "organ", "nylon guitar", "acoustic guitar", "harpsichord")
_ELISION = re.compile(r"(?<![\w'])[ld]'(?=\w)")
_BARE_NUMBER = re.compile(r"(?<![\w./,#-])(\d{2,3})(?![\w./,-])")
_TURNS = frozenset(("with", "but", "mit", "aber", "avec", "mais", "con", "pero", "ma", "plus"))


_VOICING = 8  # the class of the marks that make ga of ka in Japanese: no accents


def _fold(text: str) -> str:
    """Lower case without accents; sharps and flats as # and b."""
    text = text.replace("♯", "#").replace("♭", "b").replace("’", "'")
    marks = unicodedata.normalize("NFKD", text.replace("ß", "ss").lower())
    kept = (mark for mark in marks if unicodedata.combining(mark) in (0, _VOICING))
    return unicodedata.normalize("NFC", "".join(kept))


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]


def _matters(word: str) -> bool:
    return (
        word not in lexicon.STOP_WORDS
        and len(word) > 1
        and any(letter.isalpha() for letter in word)
    )


# --- single words and phrases -----------------------------------------------------------------

Meaning = tuple[str, object]


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


def _longest_phrase(words: list[str]) -> tuple[int, tuple[Meaning, ...]]:
    """How many of `words` make a known phrase, and what it means."""
    table = _phrases()
    for count in range(len(words), 0, -1):
        meanings = table.get(" ".join(words[:count]))
        if meanings:
            return count, meanings
    if _matters(words[0]) and words[0] not in lexicon.NOT | lexicon.ONLY:
        meanings = _near(words[0])
        if meanings:
            return 1, meanings
    return 0, ()


@cache
def _near(word: str) -> tuple[Meaning, ...]:
    """The meaning of an inflected, compound or misspelt word."""
    table = _phrases()
    if len(word) > 32:
        return ()
    for ending in (
        "s",
        "es",
        "e",
        "en",
        "er",
        "em",
        "ig",
        "ige",
        "iger",
        "ish",
        "ly",
        "like",
        "song",
        "-song",
    ):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 2 and stem in table:
            return table[stem]
    for cut in range(3, len(word) - 2):
        head, tail = word[:cut].removesuffix("-"), word[cut:].removeprefix("-")
        if head in table and (tail in table or tail in ("musik", "stuck", "lied", "song", "music")):
            return table[head] + table.get(tail, ())
    if len(word) < 5:
        return ()
    wanted = _neighbours().get(word) or next(
        (found for less in _deletions(word) if (found := _neighbours().get(less))), None
    )
    return table[wanted] if wanted else ()


@cache
def _neighbours() -> dict[str, str]:
    """Every known word of five letters or more, also with one letter left out -> the word."""
    near: dict[str, str] = {}
    known = [word for word in _phrases() if len(word) >= 5 and " " not in word]
    for word in known:
        for less in _deletions(word):
            near.setdefault(less, word)
    return near | {word: word for word in known}


def _deletions(word: str) -> Iterator[str]:
    return (
        word[:at] + word[at + 1 :] for at in range(1, len(word))
    )  # the first letter is seldom wrong


# --- numbers, keys, meters --------------------------------------------------------------------

_ACCIDENTALS = {
    "#": "#", "b": "b", "sharp": "#", "flat": "b", "is": "#", "es": "b", "s": "b",
    "sostenido": "#", "bemol": "b", "diese": "#", "bemolle": "b", "diesis": "#",
}  # fmt: skip
_SOLFEGE = {"do": "c", "ut": "c", "re": "d", "mi": "e", "fa": "f", "sol": "g", "la": "a", "si": "b"}


@cache
def _mode_names() -> dict[str, str]:
    return {s: mode for mode, spellings in lexicon.MODES.items() for s in spellings} | {
        "m": "minor"
    }


def _patterns() -> tuple[tuple[re.Pattern[str], str, Callable[[re.Match[str]], object]], ...]:
    return (*_number_patterns(), *_key_patterns())


@cache
def _number_patterns() -> tuple[
    tuple[re.Pattern[str], str, Callable[[re.Match[str]], object]], ...
]:
    number = r"\d{1,3}|" + "|".join(sorted(lexicon.NUMBERS, key=len, reverse=True))
    tempo = r"(\d{2,3}(?:[.,]\d+)?)"
    meter = r"\b(\d{1,2})\s*/\s*(1|2|4|8|16)(?:[\s-]*(?:time|takt|meter|signature))?\b"
    beats = r"\s*-?\s*(?:bpm|beats per minute|schlage|pulsaciones|battiti)\b"
    at = r"(?:\b(?:at|tempo|bei|bpm)\b|[@=])\s*:?\s*"
    bars = rf"[\s-]*(?:{lexicon.BAR_WORDS})\b"
    found: tuple[tuple[str, str, Callable[[re.Match[str]], object]], ...] = (
        (meter, "meter", _meter),
        (rf"(?<![\d/]){tempo}{beats}", "bpm", _bpm),
        (rf"{at}{tempo}\b(?!{bars})", "bpm", _bpm),
        (rf"\b({number}){bars}(?!\s+blues)", "bars", _bars),
        (r"\b(12|twelve)[\s-]*(?:bar|takt)[\s-]*blues\b", "blues bars", lambda match: 12),
        (r"\b(a[ab]{3}c?|abac)\s*(?:form)?\b", "form", _letters),
    )
    return tuple((re.compile(pattern), control, value_of) for pattern, control, value_of in found)


@cache
def _key_patterns() -> tuple[tuple[re.Pattern[str], str, Callable[[re.Match[str]], object]], ...]:
    modes = "|".join(sorted(_mode_names(), key=len, reverse=True))
    signs = r"#|b|-?flat|-?sharp|\s+flat|\s+sharp|is|es|s"
    after = r"(?:at|with|mit|and|avec|con)\b"
    latin_signs = "#|b|sostenido|bemol|diese|bemolle|diesis"
    names = "|".join(_SOLFEGE)
    found = [
        rf"(?<![\w#])([a-h])({signs})?[\s-]*({modes})(?![\w#])",
        rf"(?<!\w)({names})\s*({latin_signs})?\s+({modes})(?!\w)",
        rf"\b(?:in|en|key of|key:|tonart)\s+([a-h])({signs})?()(?=\s*(?:$|[,.;!?\n]|{after}))",
    ]
    return tuple((re.compile(pattern), "key", _key) for pattern in found)


def _meter(match: re.Match[str]) -> object:
    beats = int(match[1])
    return (beats, int(match[2])) if 1 <= beats <= 32 else None


def _bpm(match: re.Match[str]) -> object:
    bpm = float(match[1].replace(",", "."))
    return bpm if 20.0 <= bpm <= 400.0 else None


def _likely_bpm(match: re.Match[str]) -> object:
    """A number that stands alone ("techno 135"), if it can be a tempo."""
    return float(match[1]) if 50 <= int(match[1]) <= 220 else None


def _bars(match: re.Match[str]) -> object:
    bars = lexicon.NUMBERS.get(match[1]) or int(match[1])
    return bars if 1 <= bars <= 999 else None


def _letters(match: re.Match[str]) -> object:
    return tuple((letter.upper(), 0) for letter in match[1])


def _key(match: re.Match[str]) -> object:
    """A key as English, German or Romance musicians write it. German B is B flat, H is B."""
    letter, sign, mode = match[1], (match[2] or "").strip(" -"), match[3]
    letter = _SOLFEGE.get(letter, letter)
    if sign == "s" and letter not in "ae":
        return None
    if mode in ("dur", "moll"):
        sign = "b" if letter == "b" and not sign else sign
    if letter == "h":
        letter = "b"
    return Key(pitch_class(letter, _ACCIDENTALS.get(sign, "")), _mode_names().get(mode, "major"))


@cache
def _section_names() -> dict[str, str]:
    return {s: name for name, spellings in lexicon.SECTIONS.items() for s in spellings}


@cache
def _section_pattern() -> re.Pattern[str]:
    names = "|".join(sorted(_section_names(), key=len, reverse=True))
    bars = rf"(?:[\s-]*(?:{lexicon.BAR_WORDS}))?"
    return re.compile(
        rf"(?:\b(?P<before>\d{{1,3}}){bars}[\s-]+)?\b(?P<name>{names})\b(?:\s*[:=(x]?\s*(?P<after>\d{{1,3}})\b{bars}\)?(?!\s*bpm))?"
    )


# --- drawing the conclusion -------------------------------------------------------------------


def _conclude(wanted: _Reading, refused: _Reading) -> Understood:
    found = sorted(wanted.found, key=lambda entry: entry[0])
    yes = [(control, value) for _, control, value, negated in found if not negated]
    no = [(control, value) for _, control, value, negated in found if negated]
    no += [(control, value) for _, control, value, _ in sorted(refused.found, key=lambda e: e[0])]
    styles = _named("style", yes) + (("blues",) if _last("blues bars", yes) else ())
    key = _last("key", yes)
    return Understood(
        style=_main_style(styles, _named("feel", yes)),
        styles=styles,
        moods=_named("mood", yes),
        avoided=_named("style", no) + _named("mood", no),
        bpm=_last("bpm", yes),
        pace=_pace(styles, yes, no),
        key=key,
        mode=key.mode if key else _last("mode", yes) or "",
        meter=_last("meter", yes) or ((3, 4) if "waltz" in styles else None),
        instruments=_named("instrument", yes),
        excluded=_named("instrument", no),
        only=wanted.only and bool(_named("instrument", yes)),
        bars=_last("bars", yes) or _last("blues bars", yes) or _form_bars(_last("form", yes)),
        form=_last("form", yes) or (),
        density=_density(yes, no),
        feel=_last("feel", yes) or "",
        chips=_chips(wanted, refused),
    )


def _form_bars(form: tuple[tuple[str, int], ...] | None) -> int | None:
    """How long a form is; a section without a number has eight bars."""
    return sum(bars or 8 for _, bars in form) if form else None


def _named(control: str, found: list[Meaning]) -> tuple[str, ...]:
    """Values of one control, each once, in order."""
    return tuple(dict.fromkeys(str(value) for name, value in found if name == control))


def _last(control: str, found: list[Meaning]) -> Any:
    return next((value for name, value in reversed(found) if name == control), None)


_COLOURS = (
    "waltz",
    "ballad",
    "ambient",
    "classical",
)  # they colour another style they stand beside


def _main_style(styles: tuple[str, ...], feels: tuple[str, ...]) -> str:
    """The last style said ("jazz funk" is funk), unless it only colours an earlier one."""
    nouns = [style for style in styles if style not in _COLOURS]
    if nouns:
        return nouns[-1]
    if styles:
        return styles[-1]
    return "jazz" if "swing" in feels else ""


def _pace(styles: tuple[str, ...], yes: list[Meaning], no: list[Meaning]) -> float | None:
    said: float | None = _last("pace", yes)
    if said is None and _last("pace", no) is not None:
        said = 2.0 - _last("pace", no)
    if said is None and "ballad" in styles and _main_style(styles, ()) != "ballad":
        said = 0.72
    return said


def _density(yes: list[Meaning], no: list[Meaning]) -> float | None:
    said: float | None = _last("density", yes)
    if said is None and _last("density", no) is not None:
        said = 1.0 - _last("density", no)
    return said


def _chips(wanted: _Reading, refused: _Reading) -> tuple[Chip, ...]:
    entries = []
    for reading, all_negated in ((wanted, False), (refused, True)):
        chips: list[tuple[int, Chip]] = []
        for at, control, value, negated in reading.found:
            chips.append((at, _chip(control, value, negated or all_negated, reading.only)))
        chips += [(at, Chip(word)) for at, word in reading.unknown]
        entries += [chip for _, chip in sorted(chips, key=lambda entry: entry[0])]
    return tuple(dict.fromkeys(entries))


_CONTROLS = {"bpm": "tempo", "pace": "tempo", "mode": "key", "blues bars": "bars"}
_PACE_NAMES = {
    0.72: "very slow",
    0.82: "slow",
    1.0: "medium tempo",
    1.18: "fast",
    1.32: "very fast",
}


def _chip(control: str, value: Any, negated: bool, only: bool) -> Chip:
    text = _CHIP_TEXTS.get(control, str)(value)
    if negated:
        text = f"no {text}"
    elif only and control == "instrument":
        text = f"only {text}"
    return Chip(text, _CONTROLS.get(control, control))


_CHIP_TEXTS: dict[str, Callable[[Any], str]] = {
    "bpm": lambda value: f"{value:g} bpm",
    "pace": lambda value: _PACE_NAMES[value],
    "key": lambda value: str(value.name),
    "meter": lambda value: f"{value[0]}/{value[1]}",
    "bars": lambda value: "1 bar" if value == 1 else f"{value} bars",
    "blues bars": lambda value: "12-bar blues",
    "form": lambda value: ", ".join(
        f"{name} {bars}" if bars else str(name) for name, bars in value
    ),
    "density": lambda value: "sparse" if value < 0.5 else "busy",
}
