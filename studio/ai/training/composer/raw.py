"""Music as a file tells it, before the grid: tick columns, tracks, and what is known of both."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from symusic.core import ScoreTick

from studio.core.errors import StudioError
from studio.domain.tempo import TICKS_PER_QUARTER

RAW_NOTE = np.dtype(
    [
        ("start", "<i8"),  # ticks of 960 to the quarter, from the start of the piece
        ("length", "<i8"),
        ("pitch", "u1"),
        ("velocity", "u1"),
        ("part", "<u2"),
    ]
)
MOST_PARTS = 16
LONGEST_QUARTERS = 16_000
KEYBOARDS = frozenset((*range(9), *range(16, 24), 46))
Table: TypeAlias = npt.NDArray[Any]

# Percussion that scores write on a stave of its own: what the General MIDI kit calls it.
_PERCUSSION = (
    (r"bass drum|gran cassa|grosse trommel|kick", 36),
    (r"snare|side drum|tamburo|kleine trommel|caisse claire", 38),
    (r"triang", 81),
    (r"tambour", 54),
    (r"cymbal|piatti|becken|cinelli", 49),
    (r"tam.?tam|gong", 52),
    (r"castanet|kastagnet", 85),
    (r"wood ?block", 76),
)
_DRUMS = re.compile(r"\b(drum ?s?(set|kit)?|percussion|perkusja|batterie|schlagzeug|drm)\b", re.I)


@dataclass(frozen=True, slots=True)
class RawPart:
    """A track.

    Attributes:
        role: One of `studio.ai.composer.vocabulary.ROLES`; "other" where the source does not tell.
        performed: As in `studio.ai.composer.piece.PiecePart`.
    """

    name: str
    program: int
    drums: bool
    role: str = "other"
    performed: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class RawPiece:
    """A piece as read.

    Attributes:
        notes: Table of `RAW_NOTE`, in any order.
        tempos: (tick, quarters a minute).
        meters: (tick, beats, unit).
        signatures: (tick, sharps of the key signature; flats are negative).
        keys: (tick, pitch class of the tonic, 0 major or 1 minor), only where the source means it.
        chords: (quarters from the start, chord as `studio.domain.theory.Chord.parse` reads it).
        sections: (quarters from the start, name).
        group: Pieces of one group never lie in two splits: editions or movements of one work.
        groove: The pattern under the piece, where there is one; whole grooves are held out.
        split: "train", "valid" or "test" where one is published.
        parents: Titles it was put together from, where there are several.
        dropped_parts: How many of the smallest tracks were left out.
    """

    notes: Table
    parts: tuple[RawPart, ...]
    tempos: tuple[tuple[int, float], ...] = ()
    meters: tuple[tuple[int, int, int], ...] = ()
    signatures: tuple[tuple[int, int], ...] = ()
    keys: tuple[tuple[int, int, int], ...] = ()
    chords: tuple[tuple[float, str], ...] = ()
    sections: tuple[tuple[float, str], ...] = ()
    collection: str = ""
    title: str = ""
    group: str = ""
    groove: str = ""
    split: str = ""
    parents: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    licence: str = ""
    source: str = "unknown"
    swing: bool | None = None
    has_velocity: bool = True
    has_deviation: bool = True
    has_tempo: bool = True
    dropped_parts: int = 0


def read_midi(data: bytes) -> RawPiece:
    """The notes, tracks, tempos, meters and key signatures of a MIDI file.

    Raises:
        StudioError: The bytes are no MIDI file, or it lasts longer than any piece of music.
    """
    try:
        score = ScoreTick.from_midi(data, sanitize_data=True)
    except (RuntimeError, ValueError) as error:
        raise StudioError("This is not a readable MIDI file.", str(error)) from error
    scale = TICKS_PER_QUARTER / score.ticks_per_quarter
    columns = [track.notes.numpy() for track in score.tracks]
    notes = np.concatenate(
        [np.zeros(0, RAW_NOTE)] + [_notes(c, i, scale) for i, c in enumerate(columns)]
    )
    if len(notes) and notes["start"].max() > LONGEST_QUARTERS * TICKS_PER_QUARTER:
        raise StudioError("This piece is longer than any music.", "Its clock may be broken.")
    return RawPiece(
        notes,
        tuple(RawPart(t.name.strip(), t.program, t.is_drum) for t in score.tracks),
        tempos=tuple((round(t.time * scale), float(t.qpm)) for t in score.tempos),
        meters=_meters(
            {round(m.time * scale): (m.numerator, m.denominator) for m in score.time_signatures}
        ),
        signatures=tuple((round(k.time * scale), int(k.key)) for k in score.key_signatures),
        keys=tuple(
            (round(k.time * scale), (k.key * 7 + 9 * k.tonality) % 12, int(k.tonality))
            for k in score.key_signatures
        ),
    )


def _notes(columns: dict[str, npt.NDArray[Any]], part: int, scale: float) -> Table:
    table = np.zeros(len(columns["time"]), RAW_NOTE)
    table["start"] = np.rint(columns["time"] * scale)
    table["length"] = np.maximum(np.rint(columns["duration"] * scale), 1)
    table["pitch"] = columns["pitch"]
    table["velocity"] = np.maximum(columns["velocity"], 1)
    table["part"] = part
    return table


def _meters(found: dict[int, tuple[int, int]]) -> tuple[tuple[int, int, int], ...]:
    """Meters in order from the start of the piece, which is in 4/4 until another is told."""
    if not found:
        return ()
    whole = {0: (4, 4), **found}
    return tuple((tick, *whole[tick]) for tick in sorted(whole))


def scaled(raw: RawPiece, factor: float) -> RawPiece:
    """The piece with every tick multiplied: for files whose clock does not count quarters."""
    notes = raw.notes.copy()
    for name in ("start", "length"):
        notes[name] = np.rint(notes[name] * factor)
    return replace(
        raw,
        notes=notes,
        tempos=tuple((round(tick * factor), bpm * factor) for tick, bpm in raw.tempos),
        meters=tuple((round(tick * factor), b, u) for tick, b, u in raw.meters),
        signatures=tuple((round(tick * factor), sharps) for tick, sharps in raw.signatures),
        keys=tuple((round(tick * factor), t, m) for tick, t, m in raw.keys),
    )


def shifted(raw: RawPiece, ticks: int) -> RawPiece:
    """The piece later by `ticks`; what holds from the start still does, so a pickup bar fills."""
    notes = raw.notes.copy()
    notes["start"] += ticks
    quarters = ticks / TICKS_PER_QUARTER
    return replace(
        raw,
        notes=notes,
        tempos=tuple((tick + ticks if tick else 0, bpm) for tick, bpm in raw.tempos),
        meters=tuple((tick + ticks if tick else 0, b, u) for tick, b, u in raw.meters),
        signatures=tuple((tick + ticks if tick else 0, sharps) for tick, sharps in raw.signatures),
        keys=tuple((tick + ticks if tick else 0, t, m) for tick, t, m in raw.keys),
        chords=tuple((at + quarters, text) for at, text in raw.chords),
        sections=tuple((at + quarters if at else 0.0, name) for at, name in raw.sections),
    )


def short_meter(ticks: int) -> tuple[int, int]:
    """The meter of a bar that is cut short to `ticks`: in quarters, eighths or sixteenths."""
    whole = 4 * TICKS_PER_QUARTER
    unit = next((unit for unit in (4, 8) if ticks % (whole // unit) == 0), 16)
    return max(round(ticks * unit / whole), 1), unit


def with_percussion(raw: RawPiece) -> RawPiece:
    """Tracks whose names say drums become kits; single instruments take their key of the kit."""
    notes, parts = raw.notes.copy(), list(raw.parts)
    for i, part in enumerate(parts):
        if part.drums:
            continue
        key = next((k for p, k in _PERCUSSION if re.search(p, part.name, re.I)), None)
        if key is not None or _DRUMS.search(part.name):
            parts[i] = replace(part, program=0, drums=True)
        if key is not None:
            notes["pitch"][notes["part"] == i] = key
    return replace(raw, notes=notes, parts=tuple(parts))


def with_merged(raw: RawPiece) -> RawPiece:
    """One part where a file has several tracks for it; tracks without a note are gone.

    All drums are one kit. Tracks of one keyboard are one instrument where their names are equal, or
    one has no name, or the names only tell the hand.
    """
    used = np.bincount(raw.notes["part"], minlength=len(raw.parts)) > 0
    kept: list[RawPart] = []
    place = np.zeros(len(raw.parts), np.int64)
    for i, part in enumerate(raw.parts):
        if not used[i]:
            continue
        place[i] = _joined(kept, part)
        if place[i] == len(kept):
            kept.append(part)
        elif not stave_name(kept[place[i]].name):
            kept[place[i]] = part
    notes = raw.notes.copy()
    notes["part"] = place[notes["part"]]
    return replace(raw, notes=notes, parts=tuple(kept))


def _joined(kept: list[RawPart], part: RawPart) -> int:
    """The place in `kept` of the part this one belongs to; a new place if there is none."""
    name = stave_name(part.name)
    for i in reversed(range(len(kept))):
        if part.drums and kept[i].drums:
            return i
        same = kept[i].program == part.program and not (part.drums or kept[i].drums)
        if same and part.program in KEYBOARDS:
            other = stave_name(kept[i].name)
            if not name or not other or name == other:
                return i
    return len(kept)


def stave_name(name: str) -> str:
    """The name without what only tells one hand or stave from the other."""
    plain = re.sub(r"[^\w ]|_", " ", name.lower())
    plain = re.sub(
        r"\b(upper|lower|up|down|right|left|rh|lh|r|l|hand|staff|stave|treble|bass ?clef|one|two|"
        r"three|top|bottom|destra|sinistra|md|ms|new|[a-d]|\d+)\b",
        " ",
        plain,
    )
    return " ".join(plain.split())


def with_largest(raw: RawPiece, most: int = MOST_PARTS) -> RawPiece:
    """At most `most` parts: those with the most notes, in their order."""
    if len(raw.parts) <= most:
        return raw
    counts = np.bincount(raw.notes["part"], minlength=len(raw.parts))
    kept = np.sort(np.argsort(-counts, kind="stable")[:most])
    notes = raw.notes[np.isin(raw.notes["part"], kept)]
    notes["part"] = np.searchsorted(kept, notes["part"])
    parts = tuple(raw.parts[i] for i in kept)
    return replace(raw, notes=notes, parts=parts, dropped_parts=len(raw.parts) - most)


def off_grid_share(raw: RawPiece) -> float:
    """The share of onsets farther than a hundredth of a quarter from every 32nd or sextuplet."""
    if not len(raw.notes):
        return 0.0
    within = raw.notes["start"] % TICKS_PER_QUARTER
    places = np.unique([*range(0, 961, 120), *range(0, 961, 160)])
    off = np.abs(within[:, None] - places[None, :]).min(1)
    return float((off > TICKS_PER_QUARTER / 100).mean())


def velocity_spread(raw: RawPiece) -> float:
    """Standard deviation of the velocities within the parts, in MIDI steps."""
    if not len(raw.notes):
        return 0.0
    velocity = raw.notes["velocity"].astype(np.float64)
    counts = np.maximum(np.bincount(raw.notes["part"]), 1)
    means = np.bincount(raw.notes["part"], weights=velocity) / counts
    return float(np.sqrt(np.mean((velocity - means[raw.notes["part"]]) ** 2)))
