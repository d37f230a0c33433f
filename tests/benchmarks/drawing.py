"""How long a frame takes: `python -m tests.benchmarks.drawing`.

Real widgets and real paint events, off screen at 1600 x 900 unless a display is there. Three cases
a view: everything drawn anew (zoom, edit), everything but the grid (selection), and the strips a
moving playhead leaves and enters.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "xcb" if os.environ.get("DISPLAY") else "offscreen")

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPixmap, QRegion
from PySide6.QtWidgets import QApplication, QWidget

from studio.domain.clip import AudioClip, ClipId, NoteClip
from studio.domain.device import DeviceId, soundfont
from studio.domain.notes import Notes
from studio.domain.project import Project
from studio.domain.track import Track, TrackId, TrackKind
from studio.ui import theme
from studio.ui.canvas.layers import Canvas
from studio.ui.piano_roll.piano_roll import PianoRoll
from studio.ui.timeline.timeline import Timeline
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import Mouse, escape
from tests.ui.canvas.scene import RATE, open_studio
from tests.ui.takes.takes_of import listened

BAR = 3840
SIZE = (1600, 900)
FRAMES = 20


def one_clip(count: int, bars: int) -> Project:
    """A track with `count` notes in one clip of `bars` bars."""
    rng = np.random.default_rng(1)
    notes = Notes.of(
        np.sort(rng.integers(0, bars * BAR, count)),
        rng.integers(60, 960, count),
        rng.integers(36, 96, count),
        velocity=rng.integers(1, 128, count),
    )
    return _song([(NoteClip(ClipId("c1000"), 0, bars * BAR, notes, "notes"),)])


def many_clips(tracks: int, clips: int, notes: int) -> Project:
    """`tracks` tracks of `clips` two-bar clips of `notes` notes."""
    rng = np.random.default_rng(2)
    made, rows = 1000, []
    for _ in range(tracks):
        row = []
        for index in range(clips):
            table = Notes.of(
                np.sort(rng.integers(0, 2 * BAR, notes)), 240, rng.integers(40, 80, notes)
            )
            start, name = index * 2 * BAR, f"clip {index}"
            row.append(NoteClip(ClipId(f"c{made}"), start, 2 * BAR, table, name))
            made += 1
        rows.append(tuple(row))
    return _song(rows)


def _song(rows: list[tuple[NoteClip, ...]]) -> Project:
    tracks = [
        Track(
            TrackId(f"t{100 + index}"), TrackKind.INSTRUMENT, f"Track {index + 1}", clips=clips,
            devices=(soundfont(DeviceId(f"d{100 + index}"), 0),), color=index % 8,
        )
        for index, clips in enumerate(rows)
    ]  # fmt: skip
    bare = Project()
    return replace(bare, tracks=(*tracks, bare.master), next_id=100_000)


def frame(canvas: Canvas, before: Callable[[], object], region: QRegion | None = None) -> float:
    """The median milliseconds of processor time of a paint event after `before`."""
    target = QPixmap(canvas.size())
    took = []
    for _ in range(FRAMES):
        before()
        begun = time.thread_time()
        canvas.render(target, QPoint(), region or QRegion(canvas.rect()))
        took.append((time.thread_time() - begun) * 1000)
    return float(np.median(took))


def report(name: str, canvas: Canvas) -> None:
    strips = QRegion(canvas.playhead_strip(300)).united(QRegion(canvas.playhead_strip(302)))
    anew = frame(canvas, canvas.invalidate_grid)
    content = frame(canvas, canvas.invalidate_content)
    playing = frame(canvas, lambda: None, strips)
    print(f"{name:<58}{anew:>9.2f}{content:>11.2f}{playing:>11.3f}")


def report_drag(name: str, canvas: Canvas, start: tuple[float, float]) -> None:
    """What the window does for each movement of the mouse while something is dragged."""
    mouse, took = Mouse(canvas), []
    target = QPixmap(canvas.size())
    mouse.press(*start)
    mouse.move(start[0] + 20, start[1])
    for step in range(FRAMES):
        begun = time.thread_time()
        mouse.move(start[0] + 40 + 15 * step, start[1])
        canvas.render(target)
        took.append((time.thread_time() - begun) * 1000)
    escape(canvas)
    mouse.release(*start)
    print(f"{name:<58}{np.median(took):>9.2f}{np.max(took):>11.2f} at most")


def shown(widget: QWidget) -> None:
    widget.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    widget.resize(*SIZE)
    widget.show()
    for _ in range(3):
        QApplication.processEvents()


def measure_roll(studio: Studio) -> None:
    for count in (1_000, 10_000, 100_000):
        bars = max(count // 50, 8)
        studio.song.open(one_clip(count, bars))
        studio.selection.set_note_clip(ClipId("c1000"))
        roll = PianoRoll(studio)
        shown(roll)
        roll.zoom_fit()
        report(f"piano roll, {count:,} notes, all in sight", roll.canvas)
        report(f"velocity lane, {count:,} notes, all in sight", roll.velocities)
        roll.view.axis.show(bars * BAR // 2, bars * BAR // 2 + 4 * BAR)
        report(f"piano roll, {count:,} notes, 4 bars in sight", roll.canvas)
        first = roll.view.notes.starting_in(bars * BAR // 2, bars * BAR // 2 + 2 * BAR).argmax()
        spot = roll.view.axis.x(int(roll.view.notes.start[first])) + 5
        roll.view.rows.centre(127 - int(roll.view.notes.pitch[first]))
        y = roll.view.y(int(roll.view.notes.pitch[first])) + 5
        report_drag(f"dragging a note of {count:,}", roll.canvas, (spot, y))
        close(roll)


def measure_timeline(studio: Studio) -> None:
    for tracks, clips, notes in ((16, 20, 40), (64, 200, 8), (64, 200, 40)):
        studio.song.open(many_clips(tracks, clips, notes))
        timeline = Timeline(studio)
        shown(timeline)
        name = f"{tracks} tracks x {clips} clips x {notes} notes"
        timeline.zoom_fit()
        report(f"timeline, {name}, all", timeline.lanes)
        report(f"overview, {name}", timeline.overview)
        for _ in range(12):
            timeline.lanes.zoom_rows(0.8, 0)
        report(f"timeline, {name}, all, low rows", timeline.lanes)
        timeline.view.axis.show(0, 16 * BAR)
        report(f"timeline, {name}, 16 bars", timeline.lanes)
        report_drag(f"dragging a clip of {name}", timeline.lanes, (100, 10))
        close(timeline)


def measure_heard(studio: Studio) -> None:
    """Sixteen recordings of a quarter of an hour that were listened to, and a chord a bar."""
    source = studio.files.media.put_audio(np.zeros((900 * RATE, 1), np.float32), RATE, "hall.wav")
    song, names = Project(), " ".join(["Dm7", "G7", "Cmaj7", "Am"] * 110)
    for index in range(16):
        clip = AudioClip(ClipId(f"c{900 + index}"), 0, source, 0, source.frames, "hall")
        track = Track(TrackId(f"t{100 + index}"), TrackKind.AUDIO, "Hall", clips=(clip,))
        song = song.with_new_track(track)
    take = listened(source, chords=names)
    studio.song.open(replace(song, chords=take.result.chords))
    studio.takes.add(take, 1)
    timeline = Timeline(studio)
    shown(timeline)
    for name, bars in (("all", 450), ("32 bars", 32)):
        timeline.view.axis.show(0, bars * BAR)
        report(f"16 recordings of 1,800 beats, {name}", timeline.lanes)
        report(f"ruler with 440 chords, {name}", timeline.ruler)
    close(timeline)


def close(widget: QWidget) -> None:
    widget.close()
    widget.deleteLater()
    QApplication.processEvents()


def main() -> None:
    app = QApplication(sys.argv[:1])
    theme.apply(app)
    title = f"processor milliseconds a frame, median of {FRAMES}"
    print(f"{title:<58}{'anew':>9}{'content':>11}{'playing':>11}")
    with tempfile.TemporaryDirectory() as folder, open_studio(Path(folder)) as studio:
        measure_roll(studio)
        measure_timeline(studio)
        measure_heard(studio)


if __name__ == "__main__":
    main()
