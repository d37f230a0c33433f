"""Songs as piano rolls, one PNG each, for eyes: tracks coloured, bars, chords, sections."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from studio.ai.composer.alarms import rung
from studio.ai.composer.measures import of_song
from studio.ai.requests import Take
from studio.ai.training.composer.figures import plots
from studio.ai.training.composer.figures.songs import project_of
from studio.domain.clip import NoteClip
from studio.domain.project import Project
from studio.domain.tempo import TICKS_PER_QUARTER
from studio.domain.track import Track

_DRUMS = {36: "kick", 38: "snare", 42: "hat", 46: "open hat", 45: "tom", 49: "crash", 51: "ride"}
_COLOURS = (*plots.COLOURS, "#d17a9b", "#2f9c95", "#777777", "#a0522d")


def draw(take: Take, path: Path) -> None:
    """The song of a take; its alarms stand in the title."""
    song = project_of(take)
    words = ", ".join(rung(of_song(song))) or "no alarm"
    title = f"{take.request.prompt} · seed {take.request.seed} · {take.result.why}\n{words}"
    draw_song(song, path, title)


def draw_song(song: Project, path: Path, title: str = "") -> None:
    """Pitched tracks above, drums below; darker where louder."""
    end = song.tempo.next_bar(song.end) / TICKS_PER_QUARTER
    tracks = [track for track in song.sources if track.clips]
    pitched = [track for track in tracks if not track.is_drums]
    with plots.axes(path, min(6 + end / 8, 24), 9, rows=2, heights=(3, 1)) as (top, bottom):
        for index, track in enumerate(pitched):
            _notes(top, track, _COLOURS[index % len(_COLOURS)])
        for track in tracks:
            if track.is_drums:
                _notes(bottom, track, "#444444")
        for ax in (top, bottom):
            _grid(ax, song, end)
        _lanes(top, song)
        top.set_title(title, fontsize=8, loc="left", pad=20)
        if pitched:
            top.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
        bottom.set_yticks(list(_DRUMS), list(_DRUMS.values()), fontsize=6)


def _notes(ax: Any, track: Track, colour: str) -> None:
    label: str | None = f"{track.name} ({track.role})"
    for clip in track.clips:
        if not isinstance(clip, NoteClip) or not len(clip.notes):
            continue
        notes = clip.notes
        ax.barh(
            notes.pitch,
            notes.length / TICKS_PER_QUARTER,
            left=(notes.start + clip.shift) / TICKS_PER_QUARTER,
            height=0.9,
            color=colour,
            edgecolor="white",
            linewidth=0.3,
            alpha=0.85,
            label=label,
        )
        label = None


def _grid(ax: Any, song: Project, end: float) -> None:
    starts = [tick / TICKS_PER_QUARTER for tick in song.tempo.bar_starts(0, song.end)]
    for start in starts:
        ax.axvline(start, color="#bbbbbb", linewidth=0.6, zorder=0)
    ax.set_xticks(starts[::4], [str(1 + 4 * i) for i in range(len(starts[::4]))])
    ax.set_xlim(0, end)


def _lanes(ax: Any, song: Project) -> None:
    """Chords and sections along the upper edge."""
    flats = song.key is not None and song.key.uses_flats
    top = ax.get_ylim()[1] + 1
    for span in song.chords:
        at = span.start / TICKS_PER_QUARTER
        ax.text(at, top, span.chord.name(flats), fontsize=6, rotation=45, va="bottom")
    for marker in song.markers:
        ax.axvline(marker.tick / TICKS_PER_QUARTER, color="#c8553d", linewidth=1)
        ax.text(marker.tick / TICKS_PER_QUARTER, ax.get_ylim()[0], marker.name, fontsize=7)


def name_of(index: int, take: Take) -> str:
    """A file's name for the picture of a take."""
    plain = re.sub(r"[^a-z0-9]+", "-", take.request.prompt.lower()).strip("-")[:40]
    return f"{index:03d}-{take.request.model}-{plain}-{take.request.seed}.png"
