"""Style words of a piece, from what its file, folder and titles say and what it is written for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Sequence

import numpy as np

from studio.ai.composer.vocabulary import STYLES
from studio.ai.training.composer.raw import RawPiece

MOST_STYLES = 4
_LETTERS = str.maketrans("łŁſøØ", "lLsoO")  # that no accent makes
# The most telling first: a piece keeps four words at most.
_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = tuple(
    (rf"\b(?:{pattern})", tuple(styles.split(", ")))
    for pattern, styles in (
        (r"mazur|mazovien|kujawiak|oberek", "mazurka"),
        (r"polonez|polonai|polonoi|polacc|polones|pollones", "polonaise"),
        (r"w[ae]ls|wal[cz]|waltz|valse|viennese ?waltz|vienesewaltz", "waltz"),
        (r"nocturn|notturn|nokturn", "nocturne"),
        (r"etiud|etud|etyd|study\b", "etude"),
        (r"pr[ae]?e?lud|praelud|preambul", "prelude"),
        (r"sonat", "sonata"),
        (r"men?uet|minuet", "minuet"),
        (r"fug(?:a|e|ue|hett)\b", "fugue"),
        (r"polk", "polka"),
        (r"marsz|marcia|march\b|marsch|marche", "march"),
        (r"ragtime|rag\b", "ragtime"),
        (r"tango", "tango, latin"),
        (r"samba|baiao|ijexa|brazil", "samba, latin"),
        (r"bossa", "bossa nova, latin"),
        (r"salsa|songo|mambo|merengue|cha ?cha|rh?umba|son\b|calypso|bolero", "salsa, latin"),
        (r"beguine", "beguine, latin"),
        (r"jig|slipjig", "jig, folk"),
        (r"reel", "reel, folk"),
        (r"hornpipe|clog", "hornpipe, folk"),
        (r"strathspey|highland ?fling", "strathspey, folk"),
        (r"missa|mis[ae]\b|msz[aey]|mass\b|messe\b|requiem|kyrie|gloria\b", "mass"),
        (r"credo|patrem|sanctus|agnus|benedictus", "mass"),
        (r"opera\b|oper[ay]\b|operet|akt\b|uwertur|ouvertur|overture|singspiel|aria\b", "opera"),
        (r"chora[lł]|chorale", "chorale"),
        (r"hymn|psal[mt]|kantyczk|kancjona|koled|pastoral", "hymn"),
        (r"madrigal|canzon|ricercar", "renaissance"),
        (r"partit|sinfonia\b|concerto grosso|baroque", "baroque"),
        (r"renaissance", "renaissance"),
        (r"romantic|romantique", "romantic"),
        (r"classical|classic\b", "classical"),
        (r"piesn|spiew|song\b|lied(?:er)?\b|sonety|romance\b", "song"),
        (r"ludu|ludow|krakowiak|folk|trad\b|traditional|highland|bluegrass", "folk"),
        (r"gospel", "gospel"),
        (r"hip ?hop", "hip hop"),
        (r"trap\b", "trap"),
        (r"drum and bass|jungle", "drum and bass"),
        (r"house\b", "house"),
        (r"disco", "disco"),
        (r"trance|techno|electronic|electro|dance\b", "electronic"),
        (r"synthwave|retrowave", "synthwave"),
        (r"lo ?fi", "lo-fi"),
        (r"metal", "metal"),
        (r"punk", "punk"),
        (r"reggae|ska\b", "reggae"),
        (r"funk|strut|second ?line|new ?orleans", "funk"),
        (r"rnb|r ?& ?b|soul|motown|dsoul", "soul"),
        (r"blues", "blues"),
        (r"bebop|big ?band|dixie|easy ?swing|swing|gypsy|western ?swing|shuffle", "swing"),
        (r"jazz", "jazz"),
        (r"afro|bembe", "afro"),
        (r"latin", "latin"),
        (r"country", "country"),
        (r"ballad", "ballad"),
        (r"rock|twist\b", "rock"),
        (r"pop\b|popular|doo ?wop|8 ?beat", "pop"),
        (r"ambient", "ambient"),
        (r"air\b|aire\b", "air"),
        (r"theatre|broadway", "song"),
        (r"game\b", "game"),
        (r"orchest", "orchestral"),
        (r"string quartet", "string quartet"),
        (r"guitar", "guitar"),
        (r"choir|satb|ttbb|chor\b", "choir"),
        (r"organ\b|organi", "organ"),
        (r"piano\b", "piano"),
    )
)  # fmt: skip
_PATTERNS = tuple((re.compile(pattern), styles) for pattern, styles in _WORDS)


def plain(text: str) -> str:
    """Lower-case words without accents, signs or CamelCase: `PopBallad_2` -> `pop ballad 2`."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    letters = unicodedata.normalize("NFKD", spaced.translate(_LETTERS))
    ascii_only = letters.encode("ascii", "ignore").decode().lower()
    return " ".join(re.findall(r"[a-z0-9&]+", ascii_only))


def styles_in(*texts: str, only: Container[str] = STYLES) -> tuple[str, ...]:
    """The styles among `only` that the texts name, the most telling first, without repeats."""
    words = plain(" ".join(texts))
    found = [styles for pattern, styles in _PATTERNS if pattern.search(words)]
    return joined([style for styles in found for style in styles if style in only])


def joined(*groups: Sequence[str], most: int = MOST_STYLES) -> tuple[str, ...]:
    """The groups one after another, each word once, at most `most`, all in the vocabulary."""
    words = dict.fromkeys(word for group in groups for word in group)
    assert all(word in STYLES for word in words)
    return tuple(words)[:most]


def written_for(raw: RawPiece) -> tuple[str, ...]:
    """What the instruments of a score say: `string quartet`, `piano`, `choir`, `orchestral` ..."""
    programs = [part.program for part in raw.parts]
    counts = np.bincount(programs or [0], minlength=128)
    voices, strings = counts[52:55].sum(), counts[40:44].sum()
    if sorted(programs) == [40, 40, 41, 42]:
        return ("string quartet", "chamber")
    if len(programs) >= 3 and voices >= max(3, len(programs) - 1):
        return ("choir",)
    if len(programs) >= 8 and strings >= 2:
        return ("orchestral",)
    if voices == 1 and len(programs) == 2:
        return ("song",)
    for style, low, high in (("piano", 0, 7), ("organ", 16, 20), ("guitar", 24, 27)):
        if programs and all(low <= program <= high for program in programs):
            return (style,)
    return ("chamber",) if 2 <= len(programs) < 8 and not voices else ()
