"""What can be counted in a song: chord tones, ranges, low clusters, clashes, cadences.

"In key" counts pitched notes whose pitch class belongs to the key or to the chord that sounds
where they start (so the third of a secondary dominant counts as in key; a passing note between
two chords does not unless the key has it). "Strong beats" are a bar's downbeat and the heads of
its groups. Times are ticks of the grid: how late a note is played does not matter here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.ai.composer.piece import CHORDS_PER_BAR, SUB_TICKS, Piece
from studio.ai.composer.song import section_named
from studio.ai.composer.vocabulary import ACCOMPANIMENT, LENGTHS, QUALITIES, SECTIONS
from studio.ai.requests import Result
from studio.ai.sketch.harmony import bass_of
from studio.ai.sketch.instruments import COMPASS
from studio.ai.sketch.score import pulses
from studio.domain.clip import NoteClip
from studio.domain.project import ChordSpan, Project
from studio.domain.tempo import TempoMap
from studio.domain.theory import Chord, Key
from studio.domain.track import TrackKind

Column = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

C3 = 48
KICKS = (35, 36)
THIRD = 4  # semitones
MANY_BARS = 8
NEAR_TICKS = (60, 240)  # nearer is together; farther is apart on purpose


@dataclass(frozen=True, slots=True)
class Voice:
    """The notes of one part: start and end in ticks, pitch; shape [n] each, ordered by start.

    Attributes:
        velocity: Likewise, where it is known.
    """

    role: str
    drums: bool
    start: Column
    end: Column
    pitch: Column
    velocity: Column | None = None


@dataclass(frozen=True, slots=True)
class Music:
    """What the measures look at.

    Attributes:
        bars: (start in ticks, length in ticks, beats, unit), in order.
        chords: In order, without overlap; may have holes.
        home: The key it ends in, where that is not `key`.
        sections: Of each bar, an index into `vocabulary.SECTIONS`; empty where none is named.
    """

    bars: tuple[tuple[int, int, int, int], ...]
    voices: tuple[Voice, ...]
    chords: tuple[ChordSpan, ...]
    key: Key | None
    home: Key | None = None
    sections: tuple[int, ...] = ()

    @property
    def end(self) -> int:
        return self.bars[-1][0] + self.bars[-1][1] if self.bars else 0

    def chord_of(self, ticks: Column) -> npt.NDArray[np.int64]:
        """Index of the chord that sounds at each tick, -1 where none does; shape [n]."""
        if not self.chords:
            return np.full(len(ticks), -1)
        starts = np.array([span.start for span in self.chords])
        ends = np.array([span.end for span in self.chords])
        index = np.searchsorted(starts, ticks, side="right") - 1
        return np.where((index >= 0) & (ticks < ends[index]), index, -1)

    def is_chord_tone(self, voice: Voice) -> Mask:
        """Whether each note belongs to the chord where it starts; False where there is none."""
        table = np.zeros((len(self.chords) + 1, 12), bool)  # the last row: no chord
        for row, span in zip(table, self.chords, strict=False):
            row[list(span.chord.pitch_classes)] = True
        found: Mask = table[self.chord_of(voice.start), voice.pitch % 12]
        return found

    def is_strong(self, ticks: Column, least: int = 2) -> Mask:
        """Whether each tick is a downbeat (3), a group's first beat (2) or at least a beat (1)."""
        strong = [
            start + pulse.at
            for start, _, beats, unit in self.bars
            for pulse in pulses(beats, unit)
            if pulse.strength >= least
        ]
        return np.isin(ticks, strong)


def of_result(result: Result) -> Music:
    """Of a song composed from nothing: its tempo, key and chords are its own."""
    assert result.tempo is not None
    end = result.chords[-1].end
    voices = tuple(
        _voice(part.role, part.drums, part.notes.start, part.notes.end, part.notes.pitch,
               part.notes.velocity)
        for part in result.parts
    )  # fmt: skip
    bars = _bars(result.tempo, 0, end)
    return Music(bars, voices, result.chords, result.key, sections=_sections(bars, result.sections))


def of_song(song: Project, start: int = 0, end: int | None = None) -> Music:
    """Of the notes of a song that are heard and start in [start, end) ticks."""
    end = song.tempo.next_bar(song.end) if end is None else end
    voices = []
    for track in song.tracks:
        if track.kind is not TrackKind.INSTRUMENT or track.muted:
            continue
        role = "drums" if track.is_drums else track.role
        columns = [
            (clip.notes.start + clip.shift, clip.notes.end + clip.shift, clip.notes.pitch,
             clip.notes.velocity)
            for clip in track.clips
            if isinstance(clip, NoteClip) and not clip.muted
        ]  # fmt: skip
        found = (
            [np.concatenate(c) for c in zip(*columns, strict=True)]
            if columns
            else [np.zeros(0, np.int64)] * 4
        )
        kept = (found[0] >= start) & (found[0] < end)
        voices.append(_voice(role, track.is_drums, *(column[kept] for column in found)))
    chords = tuple(span for span in song.chords if span.start < end and span.end > start)
    bars = _bars(song.tempo, start, end)
    named = _sections(bars, [(marker.tick, marker.name) for marker in song.markers])
    return Music(bars, tuple(voices), chords, song.key, sections=named)


def of_piece(piece: Piece) -> Music:
    """Of a piece on the grid, with the chords and the key of its bars where they are known."""
    notes, bars = piece.notes, piece.bars
    start = (bars["start"][notes["bar"]].astype(np.int64) + notes["sub"]) * SUB_TICKS
    end = start + np.array(LENGTHS)[notes["length"]] * SUB_TICKS
    voices = []
    for index, part in enumerate(piece.parts):
        mine = notes["part"] == index
        role = "drums" if part.drums else part.role
        columns = (start, end, notes["pitch"], notes["velocity"])
        voices.append(_voice(role, part.drums, *(column[mine] for column in columns)))
    spans = tuple(
        (int(b["start"]) * SUB_TICKS, int(b["length"]) * SUB_TICKS, int(b["beats"]), int(b["unit"]))
        for b in bars
    )
    home = key_of(replace(piece, bars=bars[-1:]))
    named = tuple(bars["section"].tolist())
    return Music(spans, tuple(voices), chords_of(piece), key_of(piece), home, named)


def chords_of(piece: Piece) -> tuple[ChordSpan, ...]:
    """The chords of a piece's bars in ticks, equal neighbours joined."""
    found: list[ChordSpan] = []
    for bar in piece.bars:
        edges = np.linspace(0, int(bar["length"]), CHORDS_PER_BAR + 1).round().astype(int)
        for place in range(CHORDS_PER_BAR):
            root, quality = int(bar["root"][place]), QUALITIES[int(bar["quality"][place])]
            start, end = (int(bar["start"]) + int(e) for e in edges[place : place + 2])
            if root < 0 or quality == "none" or end <= start:
                continue
            chord = Chord(root, quality)
            last = found[-1] if found else None
            if last is not None and last.chord == chord and last.end == start * SUB_TICKS:
                found[-1] = ChordSpan(last.start, end * SUB_TICKS - last.start, chord)
            else:
                found.append(ChordSpan(start * SUB_TICKS, (end - start) * SUB_TICKS, chord))
    return tuple(found)


def key_of(piece: Piece) -> Key | None:
    """The key that most bars of a piece are in."""
    known = piece.bars[(piece.bars["tonic"] >= 0) & (piece.bars["mode"] >= 0)]
    if not len(known):
        return None
    pairs = Counter(zip(known["tonic"].tolist(), known["mode"].tolist(), strict=True))
    (tonic, mode), _ = pairs.most_common(1)[0]
    return Key(int(tonic), "minor" if mode else "major")


def _bars(tempo: TempoMap, start: int, end: int) -> tuple[tuple[int, int, int, int], ...]:
    meters = [(tick, tempo.meter_at(tick)) for tick in tempo.bar_starts(start, end)]
    return tuple((tick, meter.ticks_per_bar, meter.beats, meter.unit) for tick, meter in meters)


def _sections(
    bars: tuple[tuple[int, int, int, int], ...], marks: Sequence[tuple[int, str]]
) -> tuple[int, ...]:
    """The section of each bar, by (tick, name) of where each begins; empty where none is named."""
    starts = [(tick, section) for tick, name in marks if (section := section_named(name))]
    found = [
        next((section for tick, section in reversed(starts) if tick < start + length // 2), 0)
        for start, length, _, _ in bars
    ]
    return tuple(found) if starts else ()


def _voice(role: str, drums: bool, *columns: npt.NDArray[Any]) -> Voice:
    """Of start, end, pitch and velocity."""
    order = np.lexsort((columns[2], columns[0]))
    return Voice(role, drums, *(np.asarray(column, np.int64)[order] for column in columns))


@dataclass
class Counts:
    """Sums over songs; `rates` turns them into what a report shows."""

    songs: int = 0
    bars: int = 0
    empty_bars: int = 0
    parts: int = 0
    silent_parts: int = 0
    brief_parts: int = 0
    choruses: int = 0
    flat_choruses: int = 0
    struck_bars: int = 0
    bars_cut_short: int = 0
    pitched: int = 0
    in_key: int = 0
    downbeats: int = 0
    roots: int = 0
    voiced: int = 0
    in_range: int = 0
    cadences: int = 0
    endings: int = 0
    homecomings: int = 0
    strong: int = 0
    chord_tones: int = 0
    all_strong: int = 0
    all_chord_tones: int = 0
    sonorities: int = 0
    muddy: int = 0
    crowded: int = 0
    doubled: int = 0
    kicks: int = 0
    kicks_missed: int = 0
    melody_notes: int = 0
    melody_in_range: int = 0
    melody_bars: int = 0
    stuck_bars: int = 0
    leaps: int = 0
    leaps_answered: int = 0
    tune_ticks: int = 0
    rubbing_ticks: int = 0
    intervals: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(13, dtype=np.int64))

    def add(self, other: Counts) -> None:
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    def rates(self) -> dict[str, float]:
        """In percent, but for the last two; a share of nothing is what a good song has."""
        steps, moves = int(self.intervals[:3].sum()), int(self.intervals.sum())
        return {
            "empty bars": _percent(self.empty_bars, self.bars, 0.0),
            "silent parts": _percent(self.silent_parts, self.parts, 0.0),
            "parts that play once": _percent(self.brief_parts, self.parts, 0.0),
            "drums cut short": _percent(self.bars_cut_short, self.struck_bars, 0.0),
            "flat choruses": _percent(self.flat_choruses, self.choruses, 0.0),
            "in key": _percent(self.in_key, self.pitched),
            "root in bass on one": _percent(self.roots, self.downbeats),
            "in range": _percent(self.in_range, self.voiced),
            "melody in range": _percent(self.melody_in_range, self.melody_notes),
            "final cadence": _percent(self.cadences, self.songs),
            "ends at home": _percent(self.homecomings, self.endings),
            "chord tones on strong beats": _percent(self.chord_tones, self.strong),
            "chord tones of all parts on strong beats": _percent(
                self.all_chord_tones, self.all_strong
            ),
            "low clusters": _percent(self.muddy, self.sonorities, 0.0),
            "crowds below C3": _percent(self.crowded, self.sonorities, 0.0),
            "doubled notes": _percent(self.doubled, self.pitched, 0.0),
            "bass beside the kick": _percent(self.kicks_missed, self.kicks, 0.0),
            "semitone clashes": _percent(self.rubbing_ticks, self.tune_ticks, 0.0),
            "stuck bars": _percent(self.stuck_bars, self.bars, 0.0),
            "leaps answered": _percent(self.leaps_answered, self.leaps),
            "melody notes a bar": self.melody_notes / max(self.melody_bars, 1),
            "steps and repeats": _percent(steps, moves),
        }


def _percent(part: int, whole: int, of_nothing: float = 100.0) -> float:
    return 100.0 * part / whole if whole else of_nothing


def count(music: Music) -> Counts:
    """The counts of one song."""
    counts = Counts(songs=1, bars=len(music.bars), parts=len(music.voices))
    pitched = [voice for voice in music.voices if not voice.drums]
    counts.empty_bars = _empty_bars(music)
    counts.silent_parts = sum(not len(voice.start) for voice in music.voices)
    _count_presence(counts, music)
    _count_choruses(counts, music)
    _count_pitches(counts, music, pitched)
    _count_bass(counts, music, pitched)
    _count_melody(counts, music)
    _count_sonorities(counts, pitched)
    _count_clashes(counts, music.voices)
    _count_kicks(counts, music)
    counts.stuck_bars = _stuck_bars(music)
    counts.cadences = int(ends_in_a_cadence(music))
    counts.endings = int(music.key is not None and any(len(v.start) for v in pitched))
    counts.homecomings = int(ends_at_home(music))
    return counts


def _empty_bars(music: Music) -> int:
    """Bars in which nothing sounds."""
    starts = np.array([bar[0] for bar in music.bars])
    ends = starts + np.array([bar[1] for bar in music.bars])
    sounding = np.zeros(len(starts), bool)
    for voice in music.voices:
        first = np.searchsorted(starts, voice.start, side="right") - 1
        last = np.searchsorted(starts, voice.end - 1, side="right") - 1
        for a, b in zip(first.tolist(), last.tolist(), strict=True):
            sounding[max(a, 0) : b + 1] = True
    return int((~sounding & (ends > starts)).sum())


def _count_presence(counts: Counts, music: Music) -> None:
    """Parts that play in one bar of many; bars in which no drum is struck behind the place where
    the last quarter begins, or in bars of three beats from the last of them on."""
    heads = np.array([bar[0] for bar in music.bars] or [0])
    long = len(music.bars) >= MANY_BARS
    for voice in music.voices:
        at = np.searchsorted(heads, voice.start, side="right") - 1
        counts.brief_parts += long and len(np.unique(at)) == 1
        for bar in np.unique(at[at >= 0]) if voice.drums else ():
            start, length, *meter = music.bars[bar]
            if start + length < music.end:  # the last bar ends as it begins
                counts.struck_bars += 1
                struck = voice.start[at == bar] - start
                counts.bars_cut_short += bool((struck <= _cut_at(length, *meter)).all())


def _cut_at(length: int, beats: int, unit: int) -> int:
    """Up to where drums are cut short that strike nothing later in a bar, ticks; of three beats
    they play the last one."""
    felt = pulses(beats, unit)
    return felt[-1].at - 1 if len(felt) == 3 else 3 * length // 4


def _count_choruses(counts: Counts, music: Music) -> None:
    """Whether the choruses, all together, are in nothing above the verses: not louder (mean
    velocity), nor busier (notes a tick), nor higher (mean pitch of all parts but drums)."""
    verse, chorus = (_character(music, SECTIONS.index(name)) for name in ("verse", "chorus"))
    if verse is not None and chorus is not None:
        counts.choruses += 1
        counts.flat_choruses += not any(b > a for a, b in zip(verse, chorus, strict=True))


def _character(music: Music, section: int) -> tuple[float, float, float] | None:
    """Mean velocity, notes a tick and mean pitch of the bars of a section; None where none is."""
    mine = np.array(music.sections, int) == section
    if not mine.any():
        return None
    heads = np.array([bar[0] for bar in music.bars])
    length = sum(bar[1] for bar, here in zip(music.bars, mine, strict=True) if here)
    loudness, pitches, notes = [np.zeros(0)], [np.zeros(0)], 0
    for voice in music.voices:
        inside = mine[np.searchsorted(heads, voice.start, side="right") - 1]
        notes += int(inside.sum())
        if voice.velocity is not None:
            loudness.append(voice.velocity[inside])
        if not voice.drums:
            pitches.append(voice.pitch[inside])
    mean = [float(every.mean()) if len(every) else 0.0
            for every in (np.concatenate(loudness), np.concatenate(pitches))]  # fmt: skip
    return mean[0], notes / max(length, 1), mean[1]


def _count_pitches(counts: Counts, music: Music, pitched: list[Voice]) -> None:
    in_key = np.zeros(12, bool)
    in_key[list(music.key.pitch_classes) if music.key is not None else slice(None)] = True
    for voice in pitched:
        low, high = COMPASS.get(voice.role, (0, 127))
        if voice.role == "chords":
            low = 36  # a left hand
        belongs, strong = music.is_chord_tone(voice), music.is_strong(voice.start)
        known = music.chord_of(voice.start) >= 0
        counts.pitched += len(voice.pitch)
        counts.in_key += int((in_key[voice.pitch % 12] | belongs).sum())
        counts.voiced += len(voice.pitch)
        counts.in_range += int(((low <= voice.pitch) & (voice.pitch <= high)).sum())
        counts.all_strong += int((strong & known).sum())
        counts.all_chord_tones += int((strong & belongs).sum())
        counts.doubled += _doubled(voice)


def _doubled(voice: Voice) -> int:
    """How often a key is struck while it is still held."""
    order = np.lexsort((voice.start, voice.pitch))
    pitch, start, end = voice.pitch[order], voice.start[order], voice.end[order]
    return int(((pitch[1:] == pitch[:-1]) & (end[:-1] > start[1:])).sum())


def _count_bass(counts: Counts, music: Music, pitched: list[Voice]) -> None:
    """The lowest note that starts on each downbeat that has a chord, against its root."""
    bass = [voice for voice in pitched if voice.role == "bass"] or pitched
    heads = np.array([bar[0] for bar in music.bars])
    for start, chord in zip(heads.tolist(), music.chord_of(heads).tolist(), strict=True):
        if chord < 0:
            continue
        sounding = [int(p) for voice in bass for p in voice.pitch[voice.start == start]]
        counts.downbeats += 1
        if sounding:
            counts.roots += min(sounding) % 12 == bass_of(music.chords[chord].chord)


def _count_melody(counts: Counts, music: Music) -> None:
    low, high = COMPASS["melody"]
    heads = np.array([bar[0] for bar in music.bars])
    for voice in music.voices:
        if voice.role != "melody":
            continue
        counts.melody_notes += len(voice.start)
        counts.melody_in_range += int(((low - 9 <= voice.pitch) & (voice.pitch <= high + 9)).sum())
        counts.melody_bars += len(np.unique(np.searchsorted(heads, voice.start, side="right")))
        strong = music.is_strong(voice.start) & (music.chord_of(voice.start) >= 0)
        counts.strong += int(strong.sum())
        counts.chord_tones += int((strong & music.is_chord_tone(voice)).sum())
        moves = np.diff(voice.pitch)
        counts.intervals += np.bincount(np.minimum(np.abs(moves), 12), minlength=13)
        leaps = np.abs(moves[:-1]) > 7
        answered = (moves[:-1] * moves[1:] <= 0) & (np.abs(moves[1:]) <= 5)
        counts.leaps += int(leaps.sum())
        counts.leaps_answered += int((leaps & answered).sum())


def _count_clashes(counts: Counts, voices: tuple[Voice, ...]) -> None:
    """For how long the melody sounds a semitone from a note of the accompaniment."""
    others = [voice for voice in voices if voice.role in ACCOMPANIMENT and not voice.drums]
    starts, ends, pitches = (
        np.concatenate([getattr(voice, name) for voice in others] or [np.zeros(0, np.int64)])
        for name in ("start", "end", "pitch")
    )
    for tune in (voice for voice in voices if voice.role == "melody"):
        counts.tune_ticks += int((tune.end - tune.start).sum())
        for start, end, pitch in zip(tune.start, tune.end, tune.pitch, strict=True):
            beside = np.abs(pitches - pitch) == 1
            shared = np.minimum(end, ends[beside]) - np.maximum(start, starts[beside])
            counts.rubbing_ticks += max(int(shared.max(initial=0)), 0)


def _count_sonorities(counts: Counts, pitched: list[Voice]) -> None:
    """At every onset: two notes below C3 within a minor third, or three within a major one."""
    rows = np.array(
        [row for v in pitched for row in zip(v.start, v.end, v.pitch, strict=True)], np.int64
    ).reshape(-1, 3)
    low = rows[rows[:, 2] < C3]
    for start in np.unique(rows[:, 0]):
        counts.sonorities += 1
        sounding = np.unique(low[(low[:, 0] <= start) & (start < low[:, 1] - 60), 2])
        counts.muddy += bool((np.diff(sounding) <= 3).any())
        counts.crowded += bool((sounding[2:] - sounding[:-2] <= THIRD).any())


def _count_kicks(counts: Counts, music: Music) -> None:
    """Kicks on a beat that the bass nearly meets: apart, yet by a sixteenth at most."""
    kicks = [v.start[np.isin(v.pitch, KICKS)] for v in music.voices if v.drums]
    bass = [v.start for v in music.voices if v.role == "bass" and not v.drums and len(v.start)]
    if not kicks or not bass:
        return
    struck, played = np.unique(np.concatenate(kicks)), np.unique(np.concatenate(bass))
    struck = struck[music.is_strong(struck, least=1)]
    after = np.searchsorted(played, struck)
    sides = [played[np.clip(after - back, 0, len(played) - 1)] for back in (0, 1)]
    apart = np.minimum(*(np.abs(side - struck) for side in sides))
    counts.kicks += len(struck)
    counts.kicks_missed += int(((apart > NEAR_TICKS[0]) & (apart <= NEAR_TICKS[1])).sum())


def _stuck_bars(music: Music) -> int:
    """Bars of a song that come the eighth time running or later, alike in every pitched part."""
    heads = np.array([bar[0] for bar in music.bars] or [0])
    contents: list[list[tuple[int, int, int]]] = [[] for _ in music.bars]
    for index, voice in enumerate(music.voices):
        at = np.searchsorted(heads, voice.start, side="right") - 1
        for bar, start, pitch in zip(at.tolist(), voice.start.tolist(), voice.pitch, strict=True):
            if not voice.drums and 0 <= bar < len(contents):
                contents[bar].append((index, start - int(heads[bar]), int(pitch)))
    running, stuck = 0, 0
    for before, here in pairwise(contents):
        running = running + 1 if here == before and here else 0
        stuck += running >= 7
    return stuck


def ends_in_a_cadence(music: Music) -> bool:
    """The last chord is the tonic, another one leads to it, and bass and melody end on its root."""
    if music.key is None or len(music.chords) < 2 or not music.bars:
        return False
    before, last = music.chords[-2:]
    bar = music.bars[-1][1]
    home = last.chord.root == music.key.tonic and before.chord.root != last.chord.root
    held = last.end - last.start >= bar
    pitched = [voice for voice in music.voices if not voice.drums and len(voice.start)]
    final = [(voice.role, voice.pitch[voice.start >= last.end - bar]) for voice in pitched]
    lowest = min((int(p) for _, pitches in final for p in pitches), default=-1)
    tunes = [pitches for role, pitches in final if role == "melody"]
    resolved = all(len(tune) and int(tune[-1]) % 12 == last.chord.root for tune in tunes)
    return home and held and lowest % 12 == bass_of(last.chord) and resolved


def ends_at_home(music: Music) -> bool:
    """The lowest note at the last downbeat, or at the very end, is the tonic."""
    pitched = [voice for voice in music.voices if not voice.drums and len(voice.start)]
    home = music.home or music.key
    if home is None or not pitched:
        return False
    end = max(int(voice.end.max()) for voice in pitched)
    downbeat = max((bar[0] for bar in music.bars if bar[0] < end), default=0)
    places = (downbeat, end - NEAR_TICKS[1])
    lowest = [
        min((int(p) for v in pitched for p in v.pitch[(v.start <= at) & (v.end > at)]), default=-1)
        for at in places
    ]
    return any(pitch >= 0 and pitch % 12 == home.tonic for pitch in lowest)
