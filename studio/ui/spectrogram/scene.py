"""What every part of the spectrogram shares: the clip, its time and its frequencies in sight."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QPointF, QRectF, Signal
from PySide6.QtGui import QPainterPath, QPolygonF

from studio.domain.clip import AudioClip
from studio.domain.clip_time import song_ticks, source_frames
from studio.domain.project import Project
from studio.domain.tempo import TempoMap
from studio.ui.canvas.axis import Follow, TimeAxis
from studio.ui.canvas.grid import GridLines, grid_lines
from studio.ui.canvas.snap import adaptive_step
from studio.ui.spectrogram.axes import Band, FrameAxis
from studio.ui.spectrogram.pictures import Look
from studio.ui.spectrogram.region import Region
from studio.workspace.studio import Studio

SNAP_PX = 7.0
_TINY_HZ = 0.5  # below what is ever in sight


class Scene(QObject):
    """The state of the view; nothing of it is part of the song.

    Signals:
        looked(): Another look, band or clip is shown.
        region_changed(): Another part of the sound is selected.
    """

    looked = Signal()
    region_changed = Signal()

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.studio = studio
        self.axis = FrameAxis()
        self.axis.setParent(self)
        self.clip: AudioClip | None = None
        self.look = Look()
        self.band = Band()
        self.region = Region()
        self.height = 100.0  # of the picture, px

    # -- what is shown ------------------------------------------------------------------------
    @property
    def project(self) -> Project:
        return self.studio.song.project

    @property
    def tempo(self) -> TempoMap:
        return self.project.tempo

    @property
    def rate(self) -> int:
        return self.clip.source.sample_rate if self.clip is not None else self.project.sample_rate

    @property
    def high(self) -> float:
        """The highest frequency of the recording, Hz."""
        return self.rate / 2

    def show(self, clip: AudioClip) -> None:
        """Show the part of a recording that `clip` plays; an edit of it keeps what is in sight."""
        before, self.clip = self.clip, clip
        other = before is None or before.id != clip.id
        self.axis.set_range(clip.offset_frames, clip.offset_frames + clip.length_frames)
        if other:
            self.band = Band(self.look.scale, high=self.high)
            self.select(Region(high=self.high))
            self.axis.fit()
            self.axis.follow = Follow.PAGE if self.studio.settings.follow_playhead else Follow.OFF
        elif before is not None and before.offset_frames != clip.offset_frames:
            moved = (clip.offset_frames - before.offset_frames) / self.rate
            if before.source != clip.source:  # the same sound begins elsewhere in its recording
                self.select(self.region.moved(moved, 1.0))
        self.looked.emit()

    def set_look(self, look: Look) -> None:
        if look.scale is not self.look.scale:
            self.band = Band(look.scale, high=self.high)
        self.look = look
        self.looked.emit()

    def set_band(self, band: Band) -> None:
        if band != self.band:
            self.band = band
            self.looked.emit()

    def select(self, region: Region) -> None:
        if region != self.region:
            self.region = region
            self.region_changed.emit()

    # -- between the screen and the sound ------------------------------------------------------
    def x(self, seconds: float) -> float:
        return self.axis.x(seconds * self.rate)

    def y(self, hz: float) -> float:
        return self.height * (1.0 - self.band.share(max(hz, _TINY_HZ)))

    def seconds(self, x: float) -> float:
        return (self.axis.left + x / self.axis.scale) / self.rate

    def hz(self, y: float) -> float:
        share = min(max(1.0 - y / self.height, 0.0), 1.0)
        at_foot = share <= 0.0 and self.band.bottom <= 0.0
        return 0.0 if at_foot else min(self.band.hz(share), self.high)

    @property
    def span(self) -> tuple[float, float]:
        """Seconds of the recording that the clip plays."""
        return self.axis.begin / self.rate, self.axis.end / self.rate

    def tick(self, seconds: float) -> int:
        """The song tick at which a moment of the recording is heard."""
        assert self.clip is not None
        return int(song_ticks(self.clip, self.tempo, seconds * self.rate))

    def seconds_of(self, ticks: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """The moments of the recording that are heard at song ticks."""
        assert self.clip is not None
        return np.asarray(source_frames(self.clip, self.tempo, ticks) / self.rate)

    def on_screen(self, region: Region) -> QPainterPath:
        """A region's outline as it is drawn."""
        path = QPainterPath()
        for polygon in region.path.toSubpathPolygons():
            points = [(point.x(), max(point.y() * 1000.0, _TINY_HZ)) for point in polygon.toList()]
            times, heights = np.array(points).T
            x = self.axis.xs(times * self.rate)
            y = self.height * (1.0 - self.band.shares(heights))
            path.addPolygon(QPolygonF([*map(QPointF, x.tolist(), y.tolist())]))
            path.closeSubpath()
        return path

    def from_screen(self, path: QPainterPath) -> Region:
        """What lies under an outline on the screen."""
        found = Region(high=self.high)
        for polygon in path.toFillPolygons():
            points = [(self.seconds(p.x()), self.hz(p.y())) for p in polygon.toList()]
            found = found.united(Region.outline(points, self.high))
        return found.inside(*self.span)

    # -- bars, and what edges land on -----------------------------------------------------------
    def grid(self) -> GridLines:
        """The song's bars and beats in sight, as ticks."""
        first, last = (self.tick(self.seconds(x)) for x in (0.0, float(self.axis.width)))
        axis = TimeAxis()
        axis.width, axis.left = self.axis.width, float(first)
        axis.scale = self.axis.width / max(last - first, 1)
        return grid_lines(self.tempo, axis, adaptive_step(self.tempo, first, axis.scale))

    def landed(self, seconds: float, *, bypass: bool) -> float:
        """A moment, moved to a line of the grid, the playhead or the clip's end that is near."""
        begin, end = self.span
        seconds = min(max(seconds, begin), end)
        if bypass or self.clip is None:
            return seconds
        grid = self.grid()
        ticks = [*grid.bars, *grid.beats, *grid.parts, self.studio.playback.position_tick]
        lines = np.append(self.seconds_of(ticks), [begin, end])
        nearest = float(lines[np.argmin(np.abs(lines - seconds))])
        near = abs(self.x(nearest) - self.x(seconds)) <= SNAP_PX and begin <= nearest <= end
        return nearest if near else seconds

    def zoom_band(self, factor: float, y: float) -> None:
        self.set_band(self.band.zoomed(factor, 1.0 - y / self.height))

    def scroll_band(self, pixels: float) -> None:
        self.set_band(self.band.moved(-pixels / self.height))

    def fit(self) -> None:
        """The whole clip and all frequencies in sight."""
        self.set_band(replace(self.band, bottom=0.0, top=1.0))
        self.axis.fit()

    @property
    def plot(self) -> QRectF:
        return QRectF(0, 0, self.axis.width, self.height)
