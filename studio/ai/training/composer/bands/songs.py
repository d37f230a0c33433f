"""Songs by numbers: each is drawn from its seed and number alone, arranged, made and told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from studio.ai.training.composer.bands import billboard, leads, progressions, shuffles
from studio.ai.training.composer.bands.arrange import Played, plan, song_file
from studio.ai.training.composer.bands.charts import (
    Change,
    Chart,
    Section,
    changes,
    moved,
    shortened,
)
from studio.ai.training.composer.bands.grooves import Family, drum_patterns, families
from studio.ai.training.composer.bands.packages import MMA, Mma
from studio.ai.training.composer.bands.styles import ROWS, StyleRow
from studio.ai.training.composer.bands.tracks import (
    TPQ,
    Track,
    grounded,
    honest,
    melody_track,
    ranged,
    read,
    straight,
    swings,
    written,
)
from studio.domain.theory import Chord

MOST_BARS = 72
PROBE_BARS = 16
SOURCES = (("leads", 0.24), ("billboard", 0.26), ("shuffles", 0.32), ("progressions", 0.18))
SINGERS = (0, 4, 11, 24, 26, 27, 40, 52, 53, 56, 57, 59, 64, 65, 66, 68, 71, 73, 75, 80, 81)
# Programs that can take each other's place, so that a groove does not stand for one sound.
FAMILIES = (
    (0, 1, 2, 4, 5), (16, 17, 18), (24, 25), (26, 27, 28), (29, 30), (32, 33, 34, 35),
    (38, 39), (48, 49, 50, 51), (52, 53, 54), (61, 62, 63), (88, 89, 90, 94, 95),
)  # fmt: skip
OTHER_SOUND_SHARE = 0.35
HARMONY = ("Chord", "Arpeggio", "Plectrum", "Riff", "Scale")
THINNED = ("intro", "verse", "interlude", "bridge", "outro")


@dataclass(frozen=True, slots=True)
class Band:
    """Who plays a song: the family of grooves, its style, and the drums if they are others'."""

    row: StyleRow
    family: Family
    drums: Family | None


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A song as made, before it is written."""

    chart: Chart
    band: Band
    bpm: float
    tracks: tuple[Track, ...]
    swing: bool | None
    grooves: tuple[str, ...]


class Studio:
    """Charts, bands and MMA: everything a song is made from."""

    def __init__(self, data: Path, mma: Mma) -> None:
        self.mma = mma
        self.families = families(mma.library)
        self.leads = list(leads.charts(data))
        self.billboard = list(billboard.charts(data))
        self.progressions = list(progressions.progressions(data))
        self._swings: dict[str, bool | None] = {}
        self.in_c = {m: shuffles.in_c(self.billboard, minor=m) for m in (False, True)}

    def chart(self, rng: np.random.Generator, number: int, sources: Sequence[float]) -> Chart:
        """A chart of one of the sources, in any key but its own one time in four."""
        kind = str(rng.choice([name for name, _ in SOURCES], p=list(sources)))
        if kind == "shuffles":
            chart = shuffles.song(self.in_c[bool(rng.random() < 0.3)], rng, number)
        elif kind == "progressions":
            chart = progressions.song(self.progressions, rng, number)
        else:
            table = self.leads if kind == "leads" else self.billboard
            chart = shortened(table[int(rng.integers(len(table)))], MOST_BARS)
            if rng.random() < 0.25:
                return chart
        return moved(chart, int(rng.integers(12)))

    def band(self, rng: np.random.Generator, meter: tuple[int, int]) -> Band:
        """A band that plays in this meter, styles by their weights."""
        choices = [
            (row, self.fitting(row.files, meter), self.fitting(row.drums, meter)) for row in ROWS
        ]
        choices = [c for c in choices if c[1] and (c[2] or not c[0].drums)]
        weights = np.array([row.weight * min(1.0, len(f) / 3 + 0.4) for row, f, _ in choices])
        row, bands, drums = choices[int(rng.choice(len(choices), p=weights / weights.sum()))]
        family = bands[int(rng.integers(len(bands)))]
        return Band(row, family, drums[int(rng.integers(len(drums)))] if drums else None)

    def fitting(self, files: Sequence[str], meter: tuple[int, int]) -> list[Family]:
        """The families of these files that play in a meter."""
        found = (self.families.get(file) for file in files)
        return [f for f in found if f is not None and f.meter == meter]

    def made(
        self, chart: Chart, band: Band, bpm: float, rng: np.random.Generator, seed: int
    ) -> Made | None:
        """The song as MMA plays it, put straight; None where MMA cannot."""
        end = round(len(chart.bars) * chart.bar_quarters * TPQ)
        played = plan(band.family, chart, rng)
        tracks = self._run(chart, band.family, played, bpm, seed, None)
        names = {f"{band.family.file}:{p.groove.name}" for p in played}
        if band.drums is not None and tracks:
            played = plan(band.drums, chart, rng)
            file = self.mma.library / f"{band.drums.file}.mma"
            drums = self._run(chart, band.drums, played, bpm, seed, drum_patterns(file))
            tracks = [t for t in drums if t.drums] + [t for t in tracks if not t.drums]
            names |= {f"{band.drums.file}:{p.groove.name}" for p in played}
        if len(tracks) < 2:
            return None
        tracks = [honest(straight(ranged(t), end)) for t in other_sounds(tracks, rng)]
        tracks, swing = thinned(tracks, chart, rng), swings(tracks)
        tracks = [grounded(t, chart) if t.kind == "Walk" else t for t in tracks]
        if chart.melody is not None and len(chart.melody):
            tracks.append(melody_track(chart.melody, int(rng.choice(SINGERS)), swing=swing is True))
        return Made(chart, band, bpm, tuple(tracks), swing, tuple(sorted(names)))

    def swings(self, family: Family) -> bool | None:
        """Whether the family's first grooves swing; None where they have no off-beats."""
        if family.file not in self._swings:
            bars = ((Change(0.0, Chord(0)),),) * PROBE_BARS
            chart = Chart("", family.meter, 0, False, (Section("verse", bars),), "", "")
            mains = family.of_kind("main")
            played = [Played(g, 4) for g in (*mains, *mains, *mains, *mains)[: PROBE_BARS // 4]]
            tracks = self._run(chart, family, played, 120.0, 0, None)
            self._swings[family.file] = swings(straight(t, 1 << 30) for t in tracks)
        return self._swings[family.file]

    def _run(
        self,
        chart: Chart,
        family: Family,
        played: list[Played],
        bpm: float,
        seed: int,
        patterns: dict[str, str] | None,
    ) -> list[Track]:
        text = song_file(chart, family, played, bpm=bpm, seed=seed, patterns=patterns)
        with TemporaryDirectory() as folder:
            song, midi = Path(folder) / "song.mma", Path(folder) / "song.mid"
            song.write_text(text, encoding="utf-8")
            return read(midi, family.quarters_per_beat) if self.mma.made(song, midi) else []


def other_sounds(tracks: Sequence[Track], rng: np.random.Generator) -> list[Track]:
    """Some tracks with another sound of the same kind."""
    found = []
    for track in tracks:
        group = next((g for g in FAMILIES if track.program in g), ())
        other = not track.drums and group and rng.random() < OTHER_SOUND_SHARE
        program = int(rng.choice(group)) if other else track.program
        found.append(replace(track, program=program))
    return found


def thinned(tracks: Sequence[Track], chart: Chart, rng: np.random.Generator) -> list[Track]:
    """The tracks, one of harmony resting in some kinds of section, so that choruses are fuller."""
    harmony = [i for i, track in enumerate(tracks) if track.kind in HARMONY]
    if len(harmony) < 2:
        return list(tracks)
    resting = {name: int(rng.choice(harmony)) for name in THINNED if rng.random() < 0.5}
    found, quarter = list(tracks), 0.0
    for section in chart.sections:
        start, quarter = quarter * TPQ, quarter + len(section.bars) * chart.bar_quarters
        if section.name in resting:
            track = found[resting[section.name]]
            at = track.notes["start"]
            kept = track.notes[(at < start) | (at >= quarter * TPQ)]
            found[resting[section.name]] = replace(track, notes=kept)
    return [track for track in found if len(track.notes)]


def told(made: Made) -> dict[str, Any]:
    """What is known of the song, beside its notes."""
    chart, starts = made.chart, []
    quarter = 0.0
    for section in chart.sections:
        starts.append([quarter, section.name])
        quarter += len(section.bars) * chart.bar_quarters
    return {
        "title": chart.title,
        "parents": list(chart.parents),
        "styles": list(made.band.row.words),
        "swing": made.swing,
        "chords": [[at, name] for at, name in changes(chart)],
        "sections": starts,
        "key": [chart.tonic, int(chart.minor)],
        "groove": made.band.family.file,
        "grooves": list(made.grooves),
        "licence": f"chords {chart.licence}; patterns {MMA.licence}",
        "source": "pattern",
        "origin": f"MMA over {chart.source}",
        "has_velocity": True,
        "has_deviation": False,
        "has_tempo": True,
    }


def saved(folder: Path, stem: str, made: Made, more: dict[str, Any] | None = None) -> None:
    """Writes the MIDI file, then what is told of it, so that a told song is whole."""
    written(folder / f"{stem}.mid", made.tracks, made.chart, made.bpm)
    text = json.dumps({**told(made), **(more or {})}, ensure_ascii=False)
    (folder / f"{stem}.json").write_text(text, encoding="utf-8")


def drawn(studio: Studio, seed: int, number: int) -> Made | None:
    """The song of this number."""
    rng = np.random.default_rng([seed, number])
    chart = studio.chart(rng, number, [share for _, share in SOURCES])
    band = studio.band(rng, chart.meter)
    low, high = band.row.bpm
    bpm = float(round(rng.triangular(low, (low + high) / 2, high)))
    return studio.made(chart, band, bpm, rng, number)
