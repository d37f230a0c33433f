"""The alarms of `studio.ai.composer.alarms` over many songs, beside people's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from studio.ai.composer.alarms import ALARMS, CLIPPING, clips, rung_by
from studio.ai.composer.measures import Counts, Music, Voice, count, of_piece, of_song
from studio.ai.requests import Request, Take
from studio.ai.training.composer.figures import intervals, plots
from studio.ai.training.composer.figures.songs import (
    FORM_BARS,
    PLAIN_BARS,
    Player,
    composed,
    compositions,
    cut,
    held_out,
    project_of,
)
from studio.domain.project import Project
from studio.media.store import MediaStore
from studio.render.offline import render_song

RENDERED_EVERY = 10  # of the songs without a form
MOST_BARS = 64  # of a piece, up to its end


def loudest(song: Project, store: MediaStore) -> tuple[bool, float]:
    """Whether the rendered mix clips, and its highest sample in dBFS."""
    peak, clipped = 0.0, False
    for block in render_song(song, store):
        peak = max(peak, float(np.abs(block).max(initial=0.0)))
        clipped |= clips(block)
    return clipped, 20 * float(np.log10(max(peak, 1e-6)))


def heard(take: Take) -> Music:
    """The song that a take makes, with those who were to play and got no note as silent parts."""
    music = of_song(project_of(take))
    nothing = np.zeros(0, np.int64)
    unplayed = (p for p in take.result.parts if p.track is None and not len(p.notes))
    silent = (Voice(part.role, part.drums, nothing, nothing, nothing) for part in unplayed)
    return replace(music, voices=(*music.voices, *silent))


def requests(work: Path, player: Player, songs: int) -> Iterator[Request]:
    """Those whose takes are measured."""
    del work
    both = (compositions(player, songs // 2, form=form) for form in (False, True))
    yield from (request for _, request in chain(*both))


def measure(work: Path, players: list[Player], songs: int) -> dict[str, Any]:
    """Alarms and rates of every player's songs (with a form and without) and of people's."""
    found: dict[str, Any] = {}
    for player in players:
        row = _Row()
        for form in (False, True):
            for index, (_, take) in enumerate(composed(player, songs // 2, form=form)):
                row.add(heard(take), f"“{take.request.prompt}”, seed {take.request.seed}")
                if not form and index % RENDERED_EVERY == 0:
                    store = MediaStore(player.folder / "media")
                    clipped, peak = loudest(project_of(take), store)
                    row.peaks.append(peak)
                    row.rung[CLIPPING] += clipped
        found[player.title] = row.told()
    row = _Row()
    for name, piece in held_out(work, each=max(songs // 5, 10)):
        if len(piece.notes) and len(piece.parts) > 1:
            first = max(len(piece.bars) - MOST_BARS, 0)
            row.add(of_piece(cut(piece, first, len(piece.bars))), f"{name}: {piece.title}")
    if row.rates:
        found["people"] = row.told()
    return found


class _Row:
    """What was found of many songs."""

    def __init__(self) -> None:
        self.rung: Counter[str] = Counter()
        self.heard: Counter[str] = Counter()
        self.rates: list[dict[str, float]] = []
        self.peaks: list[float] = []
        self.quiet = 0
        self.shown: dict[str, list[str]] = {}

    def add(self, music: Music, title: str) -> None:
        counts = count(music)
        names = rung_by(counts)
        self.rung.update(names)
        self.heard.update(alarm.name for alarm in ALARMS if alarm.listens(counts))
        self.quiet += not names
        self.rates.append(_said(counts))
        for name in names:
            if len(self.shown.setdefault(name, [])) < 8:
                self.shown[name].append(title)

    def told(self) -> dict[str, Any]:
        table = {name: np.array([rate[name] for rate in self.rates]) for name in self.rates[0]}
        return {
            "songs": len(self.rates),
            "without an alarm": intervals.percent(self.quiet, len(self.rates)),
            "rung": {
                alarm.name: intervals.percent(self.rung[alarm.name], self.heard[alarm.name])
                for alarm in ALARMS
            },
            "heard": {alarm.name: self.heard[alarm.name] for alarm in ALARMS},
            "rendered": len(self.peaks),
            "clipped": self.rung[CLIPPING],
            "peak_db": max(self.peaks, default=None),
            "rates": {
                name: {str(q): float(np.nanpercentile(column, q)) for q in (5, 25, 50, 75, 95)}
                for name, column in table.items()
                if np.isfinite(column).any()
            },
            "examples": self.shown,
        }


def _said(counts: Counts) -> dict[str, float]:
    """The rates; of what a song has nothing of, nothing."""
    rates = counts.rates()
    unknown = {
        "chord tones on strong beats": counts.strong,
        "chord tones of all parts on strong beats": counts.all_strong,
        "root in bass on one": counts.downbeats,
        "bass beside the kick": counts.kicks,
        "drums cut short": counts.struck_bars,
        "flat choruses": counts.choruses,
        "melody in range": counts.melody_notes,
        "semitone clashes": counts.tune_ticks,
        "leaps answered": counts.leaps,
        "melody notes a bar": counts.melody_bars,
        "ends at home": counts.endings,
    }
    return {name: rates[name] if unknown.get(name, 1) else float("nan") for name in rates}


def _measured(data: dict[str, Any]) -> list[str]:
    """The alarms that were listened for; others may have come since."""
    names = (alarm.name for alarm in ALARMS)
    return [name for name in names if all(name in row.get("heard", ()) for row in data.values())]


def draw(data: dict[str, Any], folder: Path) -> list[str]:
    names = _measured(data)
    with plots.axes(folder / "alarms.svg", 8, 3) as ax:
        series = {title: [row["rung"][name][0] for name in names] for title, row in data.items()}
        plots.grouped(ax, names, series, "songs that ring, %")
    return ["alarms.svg"]


def tell(data: dict[str, Any]) -> str:
    names = _measured(data)
    rows: list[list[object]] = [
        [name, *(_of_those(row, name) for row in data.values())] for name in names
    ]
    quiet = (intervals.told(row["without an alarm"]) for row in data.values())
    rows.append(["no alarm at all", *quiet])
    rows.append([
        "clipping, of those rendered",
        *(f"{row['clipped']} of {row['rendered']}" for row in data.values()),
    ])  # fmt: skip
    rates = sorted({name for row in data.values() for name in row["rates"]})
    spread = [[name, *(_spread(row["rates"].get(name)) for row in data.values())] for name in rates]
    songs = ", ".join(f"{title}: {row['songs']}" for title, row in data.items())
    examples = [
        f"- {title}, {name}: {'; '.join(found[:4])}"
        for title, row in data.items()
        if title != "people"
        for name, found in row["examples"].items()
    ]
    return (
        "Percent of the songs that set off each alarm, of those that have what it is about, with "
        f"95 % intervals ({songs}; of fewer where a number stands in brackets). Half of the "
        f"written songs have {PLAIN_BARS} bars, half a form of {FORM_BARS}; of people's held-out "
        "pieces (several parts, equally many of each collection as far as there are) at most the "
        f"last {MOST_BARS} bars. A part is silent that was to play and got no note; a chorus is "
        "flat that is in nothing above the verse, neither louder (mean velocity) nor busier (notes "
        "in equal time) nor higher (mean pitch, without drums); of people's pieces only bands over "
        "charts have named sections.\n\n"
        f"{plots.table(['alarm', *data], rows, 1)}\n\n"
        "5th, 50th and 95th percentile of what is counted:\n\n"
        + plots.table(["percent", *data], spread)
        + "\n\nSome of the songs that ring:\n\n"
        + "\n".join(examples or ["- none"])
    )


def _of_those(row: dict[str, Any], name: str) -> str:
    heard = row["heard"][name]
    return intervals.told(row["rung"][name]) + (f" [{heard}]" if heard < row["songs"] else "")


def _spread(row: dict[str, float] | None) -> str:
    return "–" if row is None else " / ".join(f"{row[q]:.1f}" for q in ("5", "50", "95"))
