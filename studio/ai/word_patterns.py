"""Numbers, keys, meters, lengths, forms and chords in a prompt, as patterns.

Patterns are matched on folded text (lower case, no accents); chords on the text as it was typed,
since "am" is a word and "Am" a chord.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from studio.ai import lexicon
from studio.domain.theory import Chord, Key, pitch_class

ValueOf = Callable[[re.Match[str]], object]
Rule = tuple[re.Pattern[str], str, ValueOf]

BARE_NUMBER = re.compile(r"(?<![\w./,#-])(\d{2,3})(?![\w./,-])")
LIMITS = {  # what is said of a number beyond them
    "meter": "A bar has 1 to 32 beats.",
    "bpm": "A tempo lies between 20 and 400 bpm.",
    "bars": "A piece has 1 to 999 bars.",
    "length": "A piece lasts a second to an hour.",
}
QUOTED = re.compile(r"[\"“”„«]([^\"“”„«»]{1,120})[\"“”»]")
STYLE_OF = re.compile(
    r"\b(?:in the (?:style|manner|vein|spirit) of|a la|im stil von|dans le style de|"
    r"al estilo de|nello stile di)\s+"
)
_KEY_BEFORE = re.compile(r"\b(?:in|key of|key:)\s+$")
_LONGEST_SECONDS = 3600.0
_BARS = rf"[\s-]*(?:{lexicon.BAR_WORDS})\b"
_ACCIDENTALS = {
    "#": "#", "b": "b", "sharp": "#", "flat": "b", "is": "#", "es": "b", "s": "b",
    "sostenido": "#", "bemol": "b", "diese": "#", "bemolle": "b", "diesis": "#",
}  # fmt: skip
_SOLFEGE = {"do": "c", "ut": "c", "re": "d", "mi": "e", "fa": "f", "sol": "g", "la": "a", "si": "b"}


@cache
def tempo_rules() -> tuple[Rule, ...]:
    """Meters and tempos: (pattern, control, value of a match or None), in the order to be tried."""
    meter = r"\b(\d{1,2})\s*/\s*(1|2|4|8|16)(?:[\s-]*(?:time|takt|meter|signature))?\b"
    beats = r"\s*-?\s*(?:bpm|beats per minute|schlage|pulsaciones|battiti)\b"
    at = r"(?:\b(?:at|tempo|bei|bpm)\b|[@=])\s*:?\s*"
    return (
        (re.compile(meter), "meter", _meter),
        (re.compile(rf"(?:{at})?(?<![\d/])(\d{{1,6}}(?:[.,]\d+)?){beats}"), "bpm", _bpm),
        (re.compile(rf"{at}(\d{{2,3}}(?:[.,]\d+)?)\b(?!{_BARS})"), "bpm", _bpm),
    )


@cache
def bar_rules() -> tuple[Rule, ...]:
    """How many bars there are, and how they repeat."""
    number = r"\d{1,6}|" + _either(lexicon.NUMBERS)
    return (
        (re.compile(rf"\b({number}){_BARS}(?!\s+blues)"), "bars", _bars),
        (
            re.compile(r"\b(?:12|twelve)[\s-]*(?:bar|takt)[\s-]*blues\b"),
            "blues bars",
            lambda match: 12,
        ),
        (re.compile(r"\b(a[ab]{3}c?|abac)\s*(?:form)?\b"), "form", _letters),
    )


@cache
def length_rules() -> tuple[Rule, ...]:
    """Lengths in time. "80s" is an age and an 808 a drum machine; "80 s" and "30s" are lengths."""
    number = r"\d{1,3}(?:[.,]\d+)?|" + _either(lexicon.NUMBERS)
    minutes = rf"(?:{lexicon.MINUTE_WORDS})\b"
    seconds = rf"(?:{lexicon.SECOND_WORDS})\b"
    joined = r"[\s,]*(?:and|und|et|y|e)?\s*"
    return (
        (
            re.compile(
                rf"\b(?P<m>{number})(?P<more>\s+and a half)?[\s-]*{minutes}"
                rf"(?:{joined}(?P<s>\d{{1,2}})[\s-]*(?:{seconds})?(?![\w/]))?"
            ),
            "length",
            _length,
        ),
        (re.compile(rf"\b(?!(?:[5-9]0|808)s\b)(?P<s>{number})[\s-]*{seconds}"), "length", _length),
        (re.compile(r"(?<![\d:/])(?P<m>\d{1,2}):(?P<s>[0-5]\d)(?![\d:])"), "length", _length),
        (re.compile(rf"\b(?P<half>half a|eine halbe|une demi)[\s-]*{minutes}"), "length", _length),
        (re.compile(rf"\b(?:a|an|eine|une|un|una|one)\s+{minutes}"), "length", lambda match: 60.0),
    )


@cache
def key_rules() -> tuple[Rule, ...]:
    """Keys, in the ways musicians write them."""
    modes = _either(mode_names())
    signs = r"#|b|-?flat|-?sharp|\s+flat|\s+sharp|is|es|s"
    after = r"(?:at|with|mit|and|avec|con)\b"
    latin_signs = "#|b|sostenido|bemol|diese|bemolle|diesis"
    found = [
        rf"(?<![\w#])([a-h])({signs})?[\s-]*({modes})(?![\w#])",
        rf"(?<!\w)({'|'.join(_SOLFEGE)})\s*({latin_signs})?\s+({modes})(?!\w)",
        rf"\b(?:in|en|key of|key:|tonart)\s+([a-h])({signs})?()(?=\s*(?:$|[,.;!?\n]|{after}))",
    ]
    return tuple((re.compile(pattern), "key", _key) for pattern in found)


def _either(words: dict[str, object] | dict[str, int] | dict[str, str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


@cache
def mode_names() -> dict[str, str]:
    """Spelling -> mode."""
    return {s: mode for mode, spellings in lexicon.MODES.items() for s in spellings} | {
        "m": "minor"
    }


def is_small_word(match: re.Match[str], typed: str) -> bool:
    """Whether what looks like a key, as typed, is "am" or "em" in a sentence."""
    return (
        match[0] in ("am", "em")
        and typed.islower()
        and not _KEY_BEFORE.search(match.string[: match.start()])
    )


def _meter(match: re.Match[str]) -> object:
    beats = int(match[1])
    return (beats, int(match[2])) if 1 <= beats <= 32 else None


def _bpm(match: re.Match[str]) -> object:
    bpm = float(match[1].replace(",", "."))
    return bpm if 20.0 <= bpm <= 400.0 else None


def likely_bpm(match: re.Match[str]) -> object:
    """A number that stands alone ("techno 135"), if it can be a tempo."""
    return float(match[1]) if 50 <= int(match[1]) <= 220 else None


def _bars(match: re.Match[str]) -> object:
    bars = lexicon.NUMBERS.get(match[1]) or int(match[1])
    return bars if 1 <= bars <= 999 else None


def _length(match: re.Match[str]) -> object:
    """Seconds."""
    said = match.groupdict()
    if said.get("half"):
        return 30.0
    seconds = 60.0 * _amount(said.get("m")) + _amount(said.get("s"))
    seconds += 30.0 if said.get("more") else 0.0
    return seconds if 1.0 <= seconds <= _LONGEST_SECONDS else None


def _amount(text: str | None) -> float:
    if text is None:
        return 0.0
    return float(lexicon.NUMBERS.get(text) or text.replace(",", "."))


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
    return Key(pitch_class(letter, _ACCIDENTALS.get(sign, "")), mode_names().get(mode, "major"))


# --- forms ------------------------------------------------------------------------------------


@cache
def section_names() -> dict[str, str]:
    """Spelling -> section."""
    return {s: name for name, spellings in lexicon.SECTIONS.items() for s in spellings}


@cache
def section_pattern() -> re.Pattern[str]:
    """A section with its bars `before` or `after` its `name`, and how many `times`."""
    bars = rf"(?:{_BARS})?"
    return re.compile(
        rf"(?:\b(?P<before>\d{{1,3}}){bars}[\s-]+(?:of\s+)?)?\b(?P<name>{_either(section_names())})\b"
        rf"(?:\s*[:=(]?\s*(?P<after>\d{{1,3}})\b{bars}\)?(?!\s*bpm))?"
        r"(?:\s*(?:x|×)\s*(?P<times>[2-9])\b)?"
    )


# --- chords -----------------------------------------------------------------------------------

_CHORD_WORD = re.compile(r"\||[^\s,.;:!?()\"|→>–—-]+")
_BETWEEN = re.compile(r"[\s,|→>–—-]*")
_CALLED = re.compile(
    r"(?:chords?|progression|changes|akkorde|accords|acordes|accordi)\s*:?\s*$", re.I
)
_FORM = re.compile(r"\s*(?:form|song form|sections?)\b", re.I)
_LETTERED = re.compile(r"(?:form|sections?|parts?)\s*:?\s*$", re.I)

Bars = tuple[tuple[str, ...], ...]


def chord_lines(text: str) -> Iterator[tuple[int, int, Bars]]:
    """(start, end, chords of each bar) of every run of chord names: `Am F C G`, `Dm7 | G7 C`.

    Single letters must be three or more, as "A, B" may name sections, and "a" is a word.
    """
    run: list[re.Match[str]] = []
    for word in [*_CHORD_WORD.finditer(text), None]:
        if word is not None and _goes_on(text, run, word):
            run.append(word)
            continue
        if found := _line(text, run):
            yield found
        run = [word] if word is not None and _is_chord(word[0]) else []


def _goes_on(text: str, run: list[re.Match[str]], word: re.Match[str]) -> bool:
    if not run:
        return False
    between = text[run[-1].end() : word.start()]
    return (word[0] == "|" or _is_chord(word[0])) and _BETWEEN.fullmatch(between) is not None


def _line(text: str, run: list[re.Match[str]]) -> tuple[int, int, Bars] | None:
    while run and run[-1][0] == "|":
        run = run[:-1]
    names = [word[0] for word in run if word[0] != "|"]
    if not names:
        return None
    start, end = run[0].start(), run[-1].end()
    called = _CALLED.search(text[:start])
    plain = all(len(name) == 1 for name in names)
    if len(names) < (1 if called else 3 if plain else 2) or (plain and _lettered(text, start, end)):
        return None
    return called.start() if called else start, end, _bars_of([word[0] for word in run])


def _lettered(text: str, start: int, end: int) -> bool:
    """Whether the letters there name sections."""
    before, after = _LETTERED.search(text[:start]), _FORM.match(text[end:])
    return before is not None or after is not None


def _bars_of(words: list[str]) -> Bars:
    """Bars as divided by |, else a chord a bar."""
    if "|" not in words:
        return tuple((word,) for word in words)
    bars: list[list[str]] = [[]]
    for word in words:
        if word == "|":
            bars.append([])
        else:
            bars[-1].append(word)
    return tuple(tuple(bar) for bar in bars if bar)


def _is_chord(word: str) -> bool:
    if not "A" <= word[0] <= "G":
        return False
    try:
        Chord.parse(word)
    except ValueError:
        return False
    return True
