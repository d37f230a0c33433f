"""A song of the studio as a piece on the composer's grid, and notes on the grid as a song's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt

from studio.ai import lexicon
from studio.ai.composer.chords import quality_class
from studio.ai.composer.grid import (
    EARLY_TICKS,
    Ints,
    bars_between,
    in_ticks,
    ordered_from,
    quantised_from,
)
from studio.ai.composer.piece import CHORDS_PER_BAR, SUB_TICKS, Piece, PiecePart, Table
from studio.ai.composer.roles import with_roles
from studio.ai.composer.vocabulary import ROLES, SECTIONS
from studio.core.errors import StudioError
from studio.domain.clip import ClipId, NoteClip
from studio.domain.gap import Gap
from studio.domain.notes import Mask, Notes
from studio.domain.project import ChordSpan, Marker, Project
from studio.domain.theory import SCALES, Key
from studio.domain.track import Track, TrackId, TrackKind

_MOST_PARTS = 256
_HEARD = np.dtype(
    [
        ("start", "<i8"),  # song ticks, as written
        ("length", "<i8"),
        ("timing", "<f8"),  # NaN where `start` is as played
        ("part", "<i8"),
        ("pitch", "u1"),
        ("velocity", "u1"),
        ("clip", "<i8"),
        ("id", "<i8"),
        ("locked", "?"),
    ]
)


@dataclass(frozen=True, slots=True, eq=False)
class SongPiece:
    """A song on the grid, and where in the song each of its parts and notes is.

    Attributes:
        tracks: Of each part.
        clips: That notes are of.
        clip: Of each note, an index into `clips`, shape [n].
        id: Of each note in its clip, shape [n].
        locked: Whether no model may touch the note, shape [n].
    """

    piece: Piece
    tracks: tuple[TrackId, ...]
    clips: tuple[ClipId, ...]
    clip: Ints
    id: Ints
    locked: Mask

    def in_gap(self, song: Project, gap: Gap) -> Mask:
        """True for each note that the gap would replace (`Gap.holds`), shape [n].

        By where notes are written in the song: one that starts just before the gap stays, though on
        the grid it may belong to the gap's first bar.

        Args:
            song: The one that this is a piece of.
        """
        mask = np.zeros(len(self.id), bool)
        index = {id: number for number, id in enumerate(self.clips)}
        for track, clip in song.clips():
            if track.id in gap.tracks and clip.id in index and isinstance(clip, NoteClip):
                mine = np.flatnonzero(self.clip == index[clip.id])
                mask[mine] = np.isin(self.id[mine], clip.notes.id[gap.holds(clip)])
        return mask


def piece_of(song: Project, *, until: int | None = None) -> SongPiece:
    """What is heard of a song's notes, on the grid, with the song's meter, tempo, key, chord lane
    and sections. Each instrument track is a part, in the song's order, heard or not.

    Muted notes and clips are left out, and what clips do not show; a note ends with its clip. Notes
    of a clip that a model wrote, or whose notes carry `timing`, stand where they are written, and
    their timing is their deviation; others are taken as played. Onsets and lengths come back as
    `grid.quantised_from` says; notes of one track with equal pitch and place become one. A track
    that tells no role gets one by what it plays; one that plays right on the grid throughout counts
    as not performed.

    Args:
        until: Song ticks; the bars reach there at least. They always reach the song's end.

    Raises:
        StudioError: The song has more than 65536 bars or 256 instrument tracks.
    """
    tracks = [track for track in song.tracks if track.kind is TrackKind.INSTRUMENT]
    if len(tracks) > _MOST_PARTS:
        raise StudioError(f"The song has more than {_MOST_PARTS} instruments.", "Remove some.")
    heard, clips = _heard(tracks)
    bars = _told(bars_between(song.tempo, max(song.end, until or 0, _reach(heard))), song)
    parts = tuple(_part(track) for track in tracks)
    notes, source = quantised_from(
        heard["start"],
        heard["length"],
        heard["pitch"],
        heard["velocity"],
        heard["part"],
        bars,
        parts,
        timing=heard["timing"],
    )
    parts = _performed(with_roles(Piece(bars, parts, notes)))
    notes, source = ordered_from(notes, source, parts)
    found = heard[source]
    return SongPiece(
        Piece(bars, parts, notes, title=song.title),
        tuple(track.id for track in tracks),
        clips,
        *(found[name] for name in ("clip", "id", "locked")),
    )


def notes_of(notes: Table, bars: Table) -> Notes:
    """Notes on the grid as a song's, in song ticks: `start` on the grid, `timing` the deviation.

    Timing is whole ticks, so that an onset is up to half a tick further off than on the grid.
    """
    start, length, timing = in_ticks(notes, bars)
    return Notes.of(
        start,
        length,
        notes["pitch"],
        velocity=notes["velocity"],
        timing=np.rint(timing).astype(np.int32),
    )


# --- what is heard ----------------------------------------------------------------------------


def _heard(tracks: Sequence[Track]) -> tuple[npt.NDArray[np.void], tuple[ClipId, ...]]:
    """Every note heard on the tracks, `_HEARD`, and the clips they are of."""
    clips: list[ClipId] = []
    tables = [np.zeros(0, _HEARD)]
    for part, track in enumerate(tracks):
        for clip in track.clips:
            if isinstance(clip, NoteClip) and not clip.muted:
                tables.append(_heard_of(clip, part, len(clips)))
                clips.append(clip.id)
    return np.concatenate(tables), tuple(clips)


def _heard_of(clip: NoteClip, part: int, index: int) -> npt.NDArray[np.void]:
    shown = clip.notes.starting_in(clip.offset, clip.offset + clip.length) & ~clip.notes.muted
    notes = clip.notes.table[shown]
    table = np.zeros(len(notes), _HEARD)
    for name in ("pitch", "velocity", "id", "locked"):
        table[name] = notes[name]
    table["part"], table["clip"] = part, index
    table["start"] = notes["start"] + clip.shift
    table["length"] = np.minimum(notes["length"], clip.end - table["start"])
    written = clip.take is not None or bool(notes["timing"].any())
    table["timing"] = notes["timing"] if written else np.nan
    return table


def _reach(heard: npt.NDArray[np.void]) -> int:
    """The tick to which bars must reach so that every onset finds its place."""
    if not len(heard):
        return 0
    late = np.maximum(np.nan_to_num(heard["timing"]), 0)
    return int((heard["start"] + late).max()) + EARLY_TICKS + 1


def _part(track: Track) -> PiecePart:
    program = track.instrument.parameter("program", 0) if track.instrument is not None else 0
    told = track.role if track.role in ROLES else "drums" if track.is_drums else "other"
    return PiecePart(int(min(max(program, 0), 127)), track.is_drums, told, track.name)


def _performed(piece: Piece) -> tuple[PiecePart, ...]:
    """The parts; one whose notes all stand right on the grid shows no player's timing."""
    notes = piece.notes
    count = np.bincount(notes["part"], minlength=len(piece.parts))
    moved = np.bincount(notes["part"], notes["deviation"] != 0, len(piece.parts))
    return tuple(
        replace(part, performed=bool(moved[index] or not count[index]))
        for index, part in enumerate(piece.parts)
    )


# --- what the song says of its bars -----------------------------------------------------------


def _told(bars: Table, song: Project) -> Table:
    """The bars with the song's key, chord lane and sections."""
    if song.key is not None:
        bars["tonic"], bars["mode"] = song.key.tonic, _mode(song.key)
    bars["root"], bars["quality"] = chords_in(bars, song.chords)
    bars["section"] = sections_in(bars, song.markers)
    return bars


def _mode(key: Key) -> int:
    """0 for scales with a major third, 1 for those with a minor one, -1 for those with both."""
    scale = SCALES[key.mode]
    return -1 if 3 in scale and 4 in scale else int(key.is_minor)


def chords_in(bars: Table, spans: Sequence[ChordSpan]) -> tuple[Ints, Ints]:
    """Root (-1: none) and quality class in each fourth of each bar, shape [b, 4].

    A fourth has the chord that sounds in its middle.

    Args:
        spans: Ordered, without overlap, in ticks.
    """
    fourths = (np.arange(CHORDS_PER_BAR) + 0.5) / CHORDS_PER_BAR
    middles = (bars["start"][:, None] + bars["length"][:, None] * fourths) * SUB_TICKS
    if not spans:
        return np.full(middles.shape, -1), np.zeros(middles.shape, np.int64)
    rows = [(s.start, s.end, s.chord.root, quality_class(s.chord.quality)) for s in spans]
    start, end, root, quality = np.array(rows, np.int64).T
    span = np.searchsorted(start, middles, side="right") - 1
    sounds = (span >= 0) & (middles < end[span]) & (quality[span] > 0)
    return np.where(sounds, root[span], -1), np.where(sounds, quality[span], 0)


def sections_in(bars: Table, markers: Sequence[Marker]) -> Ints:
    """The section of each bar, an index into `vocabulary.SECTIONS`, shape [b].

    A section starts with the bar line nearest to its marker; markers that name none change nothing.
    """
    named = [(marker.tick, section_named(marker.name)) for marker in markers]
    named = [(tick, section) for tick, section in named if section]
    middles = (bars["start"] + bars["length"] / 2) * SUB_TICKS
    ticks = np.array([tick for tick, _ in named])
    sections = np.array([0, *(section for _, section in named)])
    found: Ints = sections[np.searchsorted(ticks, middles, side="left")]
    return found


_IN_VOCABULARY = {"Break": "interlude"}  # sections that the lexicon knows by another name


@cache
def section_named(name: str) -> int:
    """The section that a marker's name means (`Verse 2`, `CHORUS (last)`), or 0.

    The index is into `vocabulary.SECTIONS`; the first word that names one holds.
    """
    spellings = {section: section for section in SECTIONS if section}
    for section, words in lexicon.SECTIONS.items():
        spellings |= dict.fromkeys(words, _IN_VOCABULARY.get(section, section.lower()))
    longest_first = "|".join(re.escape(s) for s in sorted(spellings, key=len, reverse=True))
    found = re.search(rf"(?<![^\W\d_])({longest_first})(?![^\W\d_])", name.lower())
    return SECTIONS.index(spellings[found[1]]) if found else 0
