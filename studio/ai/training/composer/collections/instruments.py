"""What plays a stave, by the names that old scores give it where a converter knew none."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from studio.ai.training.composer.collections.styles import plain
from studio.ai.training.composer.raw import RawPiece

PIANO, ORGAN, VIOLIN, DOUBLE_BASS, CHOIR, VOICE = 0, 19, 40, 43, 52, 53
_OBOE, _ENGLISH_HORN = 68, 69
_BASS = re.compile(r"\bba[fs]+[ou]?s?\b|\bbas[vu]s\b")  # a voice among voices, else the strings'
_NAMES = tuple(
    (re.compile(pattern), program)
    for pattern, program in (
        (r"continu|contin\b|conti\b|f[uo]ndam|partiment|\bbc\b|pro org", ORGAN),
        (r"contra ?ba|\bc bas+i\b|\bbas+i\b|violone", DOUBLE_BASS),
        (r"viol(?:ino|io|ons?|ini|\b)|\bvl?n[io]?\b", VIOLIN),
        (r"viola|violia|alto viol|viole\b", 41),
        (r"\bvo?lc|violonc|\bcello", 42),
        (r"hautbo|\bobo[ei]", _OBOE),
        (r"cla[ry]?[yi]?n+et|clarnet|\bcl\b", 71),
        (r"clar[iy]|claryin|trompet|tromb[yai]\b|piston|principale", 56),
        (r"tromb\b|trombon|puzon", 57),
        (r"bombard|\bt?huba|\btuba", 58),
        (r"\bcor[si]?\b|corn[oi]", 60),
        (r"fag[oi]t|basson", 70),
        (r"\bpicc|petit", 72),
        (r"fla?u[tl]", 73),
        (r"t[yi]mpan|kotly", 47),
        (
            r"canto|cantus|cantvs|discant|\balt[ouv]|tenor|sopr|\bvox|spiew|glos|\bcoro|chor\b",
            CHOIR,
        ),
        (r"baryton|bariton|chory", CHOIR),
    )
)
_SINGS = re.compile(
    r"voice|sing|gesang|chant|canto|sopran|\balto?\b|tenor|bass[oe]?\b|bariton|mezzo|stimme|vox|choir"
)


def with_singers(raw: RawPiece) -> RawPiece:
    """Singers that a converter gave an oboe sing."""
    parts = tuple(
        replace(part, program=VOICE)
        if part.program in (_OBOE, _ENGLISH_HORN) and _SINGS.search(plain(part.name))
        else part
        for part in raw.parts
    )
    return replace(raw, parts=parts)


def with_choir(raw: RawPiece) -> RawPiece:
    """Singers that a score for voices wrote for the piano sing."""
    parts = tuple(
        replace(part, program=CHOIR)
        if part.program == PIANO and _SINGS.search(plain(part.name))
        else part
        for part in raw.parts
    )
    return replace(raw, parts=parts)


def with_named_instruments(raw: RawPiece) -> RawPiece:
    """Staves that a converter gave the piano for want of a name it knew play what they are called.

    A stave without a name plays what most others do.
    """
    told = [
        part.program if part.program != PIANO or part.drums else named(part.name)
        for part in raw.parts
    ]
    bass = CHOIR if CHOIR in told else DOUBLE_BASS
    programs = [bass if program is None else program for program in told]
    known = [program for program in programs if program != PIANO]
    usual = int(np.bincount(known).argmax()) if len(known) * 2 >= len(programs) else PIANO
    programs = [
        usual if program == PIANO and plain(part.name) in ("", "empty") else program
        for part, program in zip(raw.parts, programs, strict=True)
    ]
    parts = (replace(part, program=p) for part, p in zip(raw.parts, programs, strict=True))
    return replace(raw, parts=tuple(parts))


def named(name: str) -> int | None:
    """The General MIDI program that a name tells; None for a bass that may sing or play.

    What it does not know is a keyboard.
    """
    words = plain(name)
    if re.search(r"pian|forte|\bfp\b|keyb|klaw|clav|cembal", words):
        return PIANO
    if _BASS.search(words) and not re.search(r"conti|fund|org", words):
        return None
    return next((program for pattern, program in _NAMES if pattern.search(words)), PIANO)
