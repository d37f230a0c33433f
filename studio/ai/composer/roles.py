"""What each part of a piece plays: drums, bass, chords, pad, arpeggio, counter-melody, melody."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from studio.ai.composer.chroma import Floats, Ints, meetings, starts_and_ends
from studio.ai.composer.piece import SUBS, Piece, PiecePart, ordered

UNKNOWN = "other"
_LOWEST_MELODY = 46  # mean pitch; what is called a lead and lies lower is a bass or a riff
_BASS_PROGRAMS = (*range(32, 40), 43)
_PAD_PROGRAMS = (*range(48, 52), *range(88, 96))
_STRUCK_PROGRAMS = (47, *range(112, 128))  # timpani, percussion, noises
_BASS_NAMES = (
    r"^bass?[ :.\d]*(guitar|line)?[ :.\d]*$|\bwalk(ing)?\b|\b(finger|pick|fretless|slap|synth) bass"
    r"|\bba(ss|sſ|ſs|ſſ|ß|s)([oi]|vs|us)\b|\bbass?e\b|\bfundament|\bbasy\b|\bviolone"
    r"|\bcontinuo\b|\b(double|acoustic) bass\b"
    r"|\b[ck]ontrab(b?ass|aſs|aß)[oi]?s?\b"
)
_MELODY_NAMES = (
    r"\bmelod|\blead\b|\bvocals?\b|\bvoice|\bvoc[ei]\b|\bcant([ou]s?|vs)\b|\bsinging\b"
    r"|\bchant\b|singstimme|gesang|\bsopran|\bsolo\b|\bvoix\b|\bdiscant|\bg[łl]os\b"
    r"|\b[śs]piew|\btreble\b|\baria\b"
)
# Names of parts, in the languages that scores are written in; the first that matches holds.
_NAMES = tuple(
    (role, re.compile(pattern, re.IGNORECASE))
    for role, pattern in (
        ("drums", r"\b(drums?|percussion|kit)\b"),
        ("pad", r"\bpads?\b"),
        ("arpeggio", r"\barp(s|eggios?)?\b"),
        ("counter", r"\bcounter|\bharmony\b|\bdescant|\bobbligato"),
        ("chords", r"\bchords?\b|\bcomp(ing)?\b|\bplectrum|\brhythm|\bstrum"),
        ("bass", _BASS_NAMES),
        ("melody", _MELODY_NAMES),
    )
)


class _Look(NamedTuple):
    """What tells a part's role: pitches in MIDI keys, lengths in quarters.

    Attributes:
        together: Notes that sound at once, on average while the part plays.
        struck: Notes that start at an onset, on average.
        blocks: Share of the onsets at which three notes or more start.
        on_top, below: Share of its sounding time in which no other part is higher (lower).
        present: Share of the time in which anything sounds that it sounds.
        leaps: Share of the steps between neighbouring notes that are a third or wider.
    """

    notes: int
    pitch: float
    together: float
    struck: float
    blocks: float
    length: float
    per_quarter: float
    leaps: float
    on_top: float
    below: float
    present: float


def with_roles(piece: Piece) -> Piece:
    """The piece with a role for each part that is `other`, and its notes in that order.

    By what a part is called and sounds like where that tells, else by what its notes do: the
    lowest single line is the bass, the one that is mostly on top the melody, what strikes several
    notes at once chords, or a pad where they are long. A part that plays everything (a piano
    alone) stays `other`.
    """
    if all(part.role != UNKNOWN for part in piece.parts):
        return piece
    looks = _looks(piece)
    known = [part.role if part.role != UNKNOWN else _told(part) for part in piece.parts]
    roles = _by_ear(piece, looks, known)
    parts = tuple(replace(part, role=role) for part, role in zip(piece.parts, roles, strict=True))
    return replace(piece, parts=parts, notes=ordered(piece.notes, parts))


def role_named(name: str) -> str:
    """The role that a part's name tells, or nothing."""
    name = " ".join(name.split())
    return next((role for role, pattern in _NAMES if pattern.search(name)), "")


def _told(part: PiecePart) -> str:
    if part.drums:
        return "drums"
    named = role_named(part.name)
    if part.program in _BASS_PROGRAMS and named in ("", "melody"):
        return "bass"
    return "" if named == "drums" else named


# --- what the notes do ------------------------------------------------------------------------


def _looks(piece: Piece) -> list[_Look]:
    start, end = starts_and_ends(piece)
    shares = _shares(piece, start, end)
    looks = []
    for index in range(len(piece.parts)):
        mine = np.flatnonzero(piece.notes["part"] == index)
        mine = mine[np.lexsort((piece.notes["pitch"][mine], start[mine]))]
        pitch = piece.notes["pitch"][mine].astype(np.int64)
        looks.append(_look(start[mine], end[mine], pitch, shares[index].tolist()))
    return looks


def _look(start: Ints, end: Ints, pitch: Ints, shares: Sequence[float]) -> _Look:
    """Of one part's notes, ordered by start and pitch."""
    if not len(start):
        return _Look(0, 60.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    length = end - start
    reach = np.maximum.accumulate(end)
    before = np.concatenate(([start[0]], reach[:-1]))
    covered = int(np.maximum(end - np.maximum(start, before), 0).sum())
    onsets, struck = np.unique(start, return_counts=True)
    highest = pitch[np.cumsum(struck) - 1]
    steps = np.abs(np.diff(highest))
    return _Look(
        notes=len(start),
        pitch=float(np.average(pitch, weights=length)),
        together=float(length.sum() / covered),
        struck=float(struck.mean()),
        blocks=float((struck >= 3).mean()),
        length=float(length.mean() / SUBS),
        per_quarter=len(onsets) * SUBS / covered,
        leaps=float((steps >= 3).mean()) if len(steps) else 0.0,
        on_top=shares[0],
        below=shares[1],
        present=shares[2],
    )


def _shares(piece: Piece, start: Ints, end: Ints) -> Floats:
    """`on_top`, `below` and `present` of each part, shape [p, 3], looked at every eighth.

    Drums are no part of this.
    """
    step, parts = SUBS // 2, len(piece.parts)
    drums = np.array([part.drums for part in piece.parts])
    keep = ~drums[piece.notes["part"]]
    part, pitch = piece.notes["part"][keep].astype(np.int64), piece.notes["pitch"][keep]
    edges = np.arange(0, int(end.max(initial=0)) + step, step, dtype=float)
    which, stretch = meetings(start[keep], end[keep], edges)
    shape = (max(len(edges) - 1, 1), max(parts, 1))
    high, low = np.full(shape, -1), np.full(shape, 999)
    np.maximum.at(high, (stretch, part[which]), pitch[which].astype(np.int64))
    np.minimum.at(low, (stretch, part[which]), pitch[which].astype(np.int64))
    sounds = high >= 0
    count = np.maximum(sounds.sum(0), 1)
    on_top = ((high == high.max(1, keepdims=True)) & sounds).sum(0) / count
    below = ((low == low.min(1, keepdims=True)) & sounds).sum(0) / count
    return np.stack((on_top, below, sounds.sum(0) / max(sounds.any(1).sum(), 1)), 1)


# --- who plays what ---------------------------------------------------------------------------


def _by_ear(piece: Piece, looks: Sequence[_Look], told: Sequence[str]) -> list[str]:
    """A role for each part: as told, or by what its notes do beside the others."""
    low_leads = [
        r == "melody" and p.role == UNKNOWN and look.pitch < _LOWEST_MELODY
        for r, p, look in zip(told, piece.parts, looks, strict=True)
    ]
    roles = ["" if low else role for role, low in zip(told, low_leads, strict=True)]
    open_parts = [i for i, role in enumerate(roles) if not role and looks[i].notes]
    several = [i for i in open_parts if _is_polyphonic(looks[i])]
    single = [i for i in open_parts if i not in several]
    if sum(look.notes > 0 for look, role in zip(looks, told, strict=True) if role != "drums") == 1:
        for index in open_parts:
            roles[index] = _lone_role(looks[index], index in several)
        return [role or UNKNOWN for role in roles]
    for index in several:
        roles[index] = _polyphonic_role(piece.parts[index], looks[index])
    _choose_bass(piece, roles, looks, single)
    _choose_melody(piece, roles, looks, single, several)
    lead = max((looks[i].length for i, role in enumerate(roles) if role == "melody"), default=0.0)
    for index in single:
        roles[index] = roles[index] or _line_role(piece.parts[index], looks[index], lead)
    return [role or UNKNOWN for role in roles]


def _lone_role(look: _Look, is_polyphonic: bool) -> str:
    """Of the only part with a pitch: it is the tune, or chords, or everything at once."""
    if is_polyphonic:
        return "chords" if look.blocks > 0.7 else UNKNOWN
    return "bass" if look.pitch < 45 else "melody"


def _is_polyphonic(look: _Look) -> bool:
    return look.blocks > 0.25 or (look.together > 1.4 and look.struck > 1.05)


def _polyphonic_role(part: PiecePart, look: _Look) -> str:
    is_long = look.length >= (1.5 if part.program in _PAD_PROGRAMS else 2.5)
    return "pad" if is_long and look.per_quarter < 1.0 else "chords"


def _choose_bass(
    piece: Piece, roles: list[str], looks: Sequence[_Look], single: Sequence[int]
) -> None:
    """The lowest single line, if it is low, and every other that lies as low or doubles it."""
    others = sum(look.notes > 0 for look in looks)
    if "bass" not in roles and single and others > 1:
        lowest = min(single, key=lambda i: looks[i].pitch)
        look = looks[lowest]
        if look.below > 0.6 and (look.pitch < 50 or (look.pitch < 57 and others > 2)):
            roles[lowest] = "bass"
    basses = [i for i, role in enumerate(roles) if role == "bass" and looks[i].notes]
    for index in single:
        if not roles[index] and basses and _is_low(piece.parts[index], looks[index]):
            lies_under = looks[index].below > 0.75 and looks[index].present > 0.3
            doubles = (_doubles(piece, index, i) or _doubles(piece, i, index) for i in basses)
            if lies_under or any(doubles):
                roles[index] = "bass"


def _is_low(part: PiecePart, look: _Look) -> bool:
    return look.pitch < 57 and part.program not in _STRUCK_PROGRAMS


def _choose_melody(
    piece: Piece,
    roles: list[str],
    looks: Sequence[_Look],
    single: Sequence[int],
    several: Sequence[int],
) -> None:
    """The line that is most on top, with what doubles it; only one of several named voices."""
    named = [i for i, role in enumerate(roles) if role == "melody" and looks[i].notes]
    lines = named or _candidates(piece, roles, looks, single, several)
    if not lines:
        return
    lead = max(lines, key=lambda i: _leading(piece.parts[i], looks[i]))
    for index in named:
        is_open = piece.parts[index].role == UNKNOWN
        if is_open and index != lead and not _doubles(piece, index, lead):
            roles[index] = "counter"
    roles[lead] = "melody"
    for index in single:
        if not roles[index] and _doubles(piece, index, lead):
            roles[index] = "melody"


def _candidates(
    piece: Piece,
    roles: Sequence[str],
    looks: Sequence[_Look],
    single: Sequence[int],
    several: Sequence[int],
) -> list[int]:
    """What may be the melody: single lines, or in music of one instrument what is on top of all."""
    lines = [i for i in single if not roles[i] and not _is_broken_chord(looks[i])]
    programs = {part.program for part, look in zip(piece.parts, looks, strict=True) if look.notes}
    if several and len(programs) == 1:
        lines = [i for i in (*single, *several) if looks[i].on_top > 0.6]
        lines = [i for i in lines if roles[i] in ("", "chords")]
    return lines


def _leading(part: PiecePart, look: _Look) -> float:
    """How much a line is like a melody."""
    sings = part.program in range(80, 88) or part.program in (52, 53, 54)
    busy = min(look.notes / 60, 1.0) + min(look.per_quarter, 1.0) * 0.5
    on_top = look.on_top * (0.25 + 0.75 * look.present)
    return on_top * 2 + (look.pitch - 60) / 24 + busy + 0.3 * sings


def _doubles(piece: Piece, part: int, other: int) -> bool:
    """Whether a part plays another's notes, in any octave, nearly throughout."""
    notes = piece.notes
    places = notes["bar"].astype(np.int64) * 4608 + notes["sub"] * 12 + notes["pitch"] % 12
    mine, theirs = (places[notes["part"] == which] for which in (part, other))
    return bool(np.isin(mine, theirs).mean() > 0.8) if len(mine) else False


def _is_broken_chord(look: _Look) -> bool:
    return look.leaps > 0.6 and look.per_quarter >= 1.7 and look.notes >= 16


def _line_role(part: PiecePart, look: _Look, melody_length: float) -> str:
    if part.program in _STRUCK_PROGRAMS:
        return UNKNOWN
    if _is_broken_chord(look):
        return "arpeggio"
    is_held = look.length >= max(3.5, 1.6 * melody_length) and look.per_quarter < 0.6
    return "pad" if is_held else "counter"
