"""How musical Sketch is, in figures: `python -m tests.ai.sketch_report --seeds 200`.

"In key" counts pitched notes whose pitch class belongs to the song's key or to the chord that
sounds where they start (so the third of a secondary dominant counts as in key; a passing note
between two chords does not unless the key has it). "Strong beats" are a bar's downbeat and the
heads of its groups.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from studio.ai.models.sketch import Sketch
from studio.ai.requests import Controls, Request, Result, Task, take_id
from studio.ai.sketch.harmony import bass_of
from studio.ai.sketch.instruments import COMPASS
from studio.ai.sketch.score import pulses
from studio.domain.gap import Gap, Part
from studio.domain.project import ChordSpan, Project, new_song
from studio.domain.tempo import MeterChange
from studio.edit.takes import PlaceTake

PROMPTS = (
    "a happy pop song at 110 bpm",
    "sad rock in E minor",
    "jazz swing, upright bass and brushes, 140 bpm",
    "bossa nova in D minor with nylon guitar and flute",
    "slow 12-bar blues in A, harmonica",
    "funk with slap bass, busy",
    "deep house, dark",
    "lo-fi hip hop, rhodes, 75 bpm",
    "folk ballad in 6/8, violin",
    "Walzer in h-Moll mit Klavier und Streichern",
    "only piano, dreamy, 5/4",
    "metal in 7/8, fast",
)  # fmt: skip


class Silent:
    """A context that lets everything pass."""

    def progress(self, fraction: float, text: str = "") -> None: ...

    def partial(self, result: Result) -> None: ...

    def check_cancelled(self) -> None: ...


def compose(
    prompt: str,
    seed: int,
    bars: int = 16,
    song: Project | None = None,
    controls: Controls | None = None,
) -> Result:
    """A new song of `bars` bars from words."""
    song = song if song is not None else new_song()
    length = bars * song.tempo.meter_at(0).ticks_per_bar
    request = Request(
        Task.COMPOSE,
        Gap((), 0, length),
        "sketch",
        "1",
        seed,
        song,
        prompt,
        controls=controls or Controls(),
    )
    return Sketch().generate(request, Silent())


def song_of(prompt: str, seed: int = 1, bars: int = 8) -> Project:
    """An empty song with what Sketch composes from words placed in it."""
    song = new_song()
    gap = Gap((), 0, bars * 3840)
    request = Request(Task.COMPOSE, gap, "sketch", "1", seed, song, prompt)
    made = Sketch().generate(request, Silent())
    return place(request, made)


def place(request: Request, made: Result) -> Project:
    """The request's song with a result placed as the window places it."""
    take = PlaceTake(
        take_id(request),
        request.gap,
        made.parts,
        None,
        "",
        made.tempo,
        made.key,
        made.chords,
        made.sections,
    )
    return take.apply(request.song)


@dataclass
class Figures:
    """Sums over songs; `rates` turns them into what the report shows."""

    songs: int = 0
    bars: int = 0
    empty_bars: int = 0
    pitched: int = 0
    in_key: int = 0
    downbeats: int = 0
    roots: int = 0
    voiced: int = 0
    in_range: int = 0
    cadences: int = 0
    strong: int = 0
    chord_tones: int = 0
    sonorities: int = 0
    muddy: int = 0
    doubled: int = 0
    melody_notes: int = 0
    melody_bars: int = 0
    leaps: int = 0
    leaps_answered: int = 0
    tune_ticks: int = 0
    rubbing_ticks: int = 0
    intervals: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(13, dtype=np.int64))

    def add(self, other: Figures) -> None:
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    def rates(self) -> dict[str, float]:
        """In percent, but for the last two."""

        def percent(part: int, whole: int) -> float:
            return 100.0 * part / whole if whole else 100.0

        return {
            "empty bars": percent(self.empty_bars, self.bars) if self.bars else 0.0,
            "in key": percent(self.in_key, self.pitched),
            "root in bass on one": percent(self.roots, self.downbeats),
            "in range": percent(self.in_range, self.voiced),
            "final cadence": percent(self.cadences, self.songs),
            "chord tones on strong beats": percent(self.chord_tones, self.strong),
            "low clusters": percent(self.muddy, self.sonorities),
            "doubled notes": percent(self.doubled, self.pitched),
            "semitone clashes": percent(self.rubbing_ticks, self.tune_ticks)
            if self.tune_ticks
            else 0.0,
            "leaps answered": percent(self.leaps_answered, self.leaps),
            "melody notes a bar": self.melody_notes / max(self.melody_bars, 1),
            "steps and repeats": percent(int(self.intervals[:3].sum()), int(self.intervals.sum())),
        }


def measure(result: Result) -> Figures:
    """The figures of one composed song."""
    assert result.tempo is not None
    meter = result.tempo.meter_at(0)
    end = result.chords[-1].end
    starts = list(range(0, end, meter.ticks_per_bar))
    figures = Figures(songs=1, bars=len(starts))
    pitched = [part for part in result.parts if not part.drums]
    figures.empty_bars = sum(
        1 for start in starts if not _onsets(result.parts, start, start + meter.ticks_per_bar)
    )
    _measure_pitches(figures, result, pitched)
    _measure_bass(figures, result, pitched, starts)
    _measure_melody(figures, result, meter)
    _measure_sonorities(figures, pitched)
    _measure_clashes(figures, result.parts)
    figures.cadences = int(ends_in_a_cadence(result))
    return figures


def chord_at(chords: Sequence[ChordSpan], tick: int) -> ChordSpan:
    return next(span for span in chords if span.start <= tick < span.end)


def _onsets(parts: Sequence[Part], start: int, end: int) -> int:
    return sum(int(part.notes.starting_in(start, end).sum()) for part in parts)


def _measure_pitches(figures: Figures, result: Result, pitched: Sequence[Part]) -> None:
    assert result.key is not None
    for part in pitched:
        low, high = COMPASS.get(part.role, (0, 127))
        if part.role == "chords":
            low = 36  # a left hand
        for start, pitch in zip(part.notes.start, part.notes.pitch, strict=True):
            allowed = (
                set(result.key.pitch_classes)
                | chord_at(result.chords, int(start)).chord.pitch_classes
            )
            figures.pitched += 1
            figures.in_key += int(pitch) % 12 in allowed
            figures.voiced += 1
            figures.in_range += low <= int(pitch) <= high
        for pitch in np.unique(part.notes.pitch):
            same = part.notes.where(part.notes.pitch == pitch)
            figures.doubled += int((same.end[:-1] > same.start[1:]).sum())


def _measure_bass(
    figures: Figures, result: Result, pitched: Sequence[Part], starts: Sequence[int]
) -> None:
    for start in starts:
        bass = [part for part in pitched if part.role == "bass"] or pitched
        sounding = [
            int(p)
            for part in bass
            for p in part.notes.where(part.notes.starting_in(start, start + 1)).pitch
        ]
        figures.downbeats += 1
        if sounding:
            figures.roots += min(sounding) % 12 == bass_of(chord_at(result.chords, start).chord)


def _measure_melody(figures: Figures, result: Result, meter: MeterChange) -> None:
    strong = {p.at for p in pulses(meter.beats, meter.unit) if p.strength >= 2}
    for part in result.parts:
        if part.role != "melody":
            continue
        starts, pitches = part.notes.start, part.notes.pitch.astype(int)
        figures.melody_notes += len(starts)
        figures.melody_bars += len(np.unique(starts // meter.ticks_per_bar))
        for start, pitch in zip(starts, pitches, strict=True):
            if int(start) % meter.ticks_per_bar in strong:
                figures.strong += 1
                figures.chord_tones += (
                    int(pitch) % 12 in chord_at(result.chords, int(start)).chord.pitch_classes
                )
        moves = np.diff(pitches)
        figures.intervals += np.bincount(np.minimum(np.abs(moves), 12), minlength=13)
        for first, second in pairwise(moves):
            if abs(first) > 7:
                figures.leaps += 1
                figures.leaps_answered += int(first * second <= 0 and abs(second) <= 5)


def _measure_clashes(figures: Figures, parts: Sequence[Part]) -> None:
    """For how long the melody sounds a semitone from a note of the accompaniment."""
    others = [
        (int(s), int(e), int(p))
        for part in parts
        if part.role in ("chords", "pad", "counter")
        for s, e, p in zip(part.notes.start, part.notes.end, part.notes.pitch, strict=True)
    ]
    for tune in (part.notes for part in parts if part.role == "melody"):
        for start, end, pitch in zip(tune.start, tune.end, tune.pitch, strict=True):
            near = [min(end, e) - max(start, s) for s, e, p in others if abs(p - int(pitch)) == 1]
            figures.tune_ticks += int(end - start)
            figures.rubbing_ticks += max(int(max(near, default=0)), 0)


def _measure_sonorities(figures: Figures, pitched: Sequence[Part]) -> None:
    """Low clusters: two notes below C3 (48) that sound together within a minor third."""
    rows = sorted(
        (int(s), int(e), int(p))
        for part in pitched
        for s, e, p in zip(part.notes.start, part.notes.end, part.notes.pitch, strict=True)
    )
    low = [row for row in rows if row[2] < 48]
    for start in sorted({row[0] for row in rows}):
        figures.sonorities += 1
        sounding = sorted({p for s, e, p in low if s <= start < e - 60})
        figures.muddy += any(0 < b - a <= 3 for a, b in pairwise(sounding))


def ends_in_a_cadence(result: Result) -> bool:
    """The last chord is the tonic, another one leads to it, and bass and melody end on its root."""
    assert result.key is not None
    assert result.tempo is not None
    last, before = result.chords[-1], result.chords[-2]
    bar = result.tempo.meter_at(0).ticks_per_bar
    home = last.chord.root == result.key.tonic and before.chord.root != last.chord.root
    held = last.end - last.start >= bar
    pitched = [part for part in result.parts if not part.drums and len(part.notes)]
    in_final = [part.notes.where(part.notes.start >= last.end - bar) for part in pitched]
    lowest = min((int(p) for notes in in_final for p in notes.pitch), default=-1)
    tunes = [n for part, n in zip(pitched, in_final, strict=True) if part.role == "melody"]
    resolved = all(len(notes) and int(notes.pitch[-1]) % 12 == last.chord.root for notes in tunes)
    return home and held and lowest % 12 == bass_of(last.chord) and resolved


def music_of(result: Result) -> tuple[str, ...]:
    """What was written, to compare two results by."""
    return tuple(part.notes.digest for part in result.parts)


@dataclass
class Distinctness:
    """How many results were alike that should differ, and differed that should be alike."""

    same_for_seeds: int = 0
    same_for_words: int = 0
    unequal: int = 0


def survey(
    prompts: Sequence[str], seeds: Sequence[int], bars: int = 16
) -> Iterator[tuple[str, Figures, Distinctness]]:
    """Figures for each prompt over all seeds."""
    heard: dict[tuple[str, ...], str] = {}
    for prompt in prompts:
        total, likeness = Figures(), Distinctness()
        mine: set[tuple[str, ...]] = set()
        for seed in seeds:
            result = compose(prompt, seed, bars)
            music = music_of(result)
            likeness.same_for_seeds += music in mine
            likeness.same_for_words += heard.setdefault(music, prompt) != prompt
            mine.add(music)
            if seed < 8:
                likeness.unequal += music_of(compose(prompt, seed, bars)) != music
            total.add(measure(result))
        yield prompt, total, likeness


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--bars", type=int, default=16)
    given = parser.parse_args(argv)
    whole, alike = Figures(), Distinctness()
    for prompt, figures, likeness in survey(PROMPTS, range(given.seeds), given.bars):
        _show(prompt, figures, likeness)
        whole.add(figures)
        for each in fields(alike):
            setattr(alike, each.name, getattr(alike, each.name) + getattr(likeness, each.name))
    _show(f"all, {whole.songs} songs", whole, alike)
    return 0


def _show(title: str, figures: Figures, likeness: Distinctness) -> None:
    rows = [f"{name} {value:.2f}" for name, value in figures.rates().items()]
    sys.stdout.write(f"{title}\n  {'; '.join(rows)}\n  {likeness}\n")


if __name__ == "__main__":
    raise SystemExit(main())
