"""Tiles as pictures: laid on the rows of the screen in the background, and coloured when drawn."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from studio.domain.clip import AudioSource
from studio.dsp.stft import FLOOR_DB, Scale, Window
from studio.jobs.queue import Context, Job, Lane
from studio.ui import theme
from studio.ui.spectrogram.axes import Band, laid_on_rows
from studio.ui.spectrogram.tiles import Levels, TileKey, Tiles, overview

_MOST_BYTES = 128 << 20
_COLOURING_SECONDS = 0.005  # of a frame; what is left is coloured in the next ones

MAPS = {
    "": "As the theme", "inferno": "Inferno", "magma": "Magma", "plasma": "Plasma",
    "viridis": "Viridis", "cividis": "Cividis", "CET-L1": "Grey", "CET-L17": "Paper",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """How a spectrogram is drawn.

    Attributes:
        fft_size: Frames of a window.
        range_db: Levels so far below the top look like silence.
        top_db: The level that looks loudest.
        colours: One of `MAPS`.
        waveform: How much of the waveform covers it, 0-1.
        beats, notes, keys: Whether the song's bars and beats, its notes, and the lines of the
            keyboard lie over it.
    """

    scale: Scale = Scale.LOG
    fft_size: int = 2048
    window: Window = Window.HANN
    range_db: int = 90
    top_db: int = 0
    colours: str = ""
    waveform: float = 0.0
    beats: bool = True
    notes: bool = False
    keys: bool = True


@dataclass(frozen=True, slots=True)
class LayRows:
    """A tile on as many rows as the screen has for a band."""

    levels: Levels = field(compare=False, repr=False)
    band: Band
    rows: int
    rate: int
    fft_size: int
    title: ClassVar[str] = "Spectrogram"
    lane: ClassVar[Lane] = Lane.CPU

    def run(self, context: Context) -> Levels:
        return laid_on_rows(self.levels, self.band.edges(self.rows), self.rate, self.fft_size)


@dataclass(slots=True)
class Picture:
    """A tile for a band, shape [rows, columns], and the image last made of it."""

    key: TileKey
    band: Band
    rows: Levels
    image: QImage | None = None
    pixels: npt.NDArray[np.uint32] | None = None  # the memory of `image`
    dress: tuple[str, int, int] = ("", 0, 0)  # what it is coloured in


class Pictures:
    """The pictures of the tiles in sight, or the nearest thing to them while they are made.

    Args:
        arrived: Called on the main thread when another one is ready.
    """

    def __init__(self, tiles: Tiles, arrived: Callable[[], None]) -> None:
        self._tiles, self._arrived = tiles, arrived
        self._latest: OrderedDict[TileKey, Picture] = OrderedDict()
        self._running: dict[TileKey, tuple[Band, int, Job[Any]]] = {}
        self._until = 0.0
        self.late = False  # whether something was not coloured as it should be

    @property
    def making(self) -> bool:
        return bool(self._running)

    def begin_frame(self) -> None:
        self._until, self.late = time.thread_time() + _COLOURING_SECONDS, False

    def get(self, key: TileKey, source: AudioSource, band: Band, rows: int) -> Picture | None:
        """The tile's picture, or a coarser or an older one of what it shows; None: nothing yet."""
        own = self._latest.get(key)
        if own is not None and own.band.scale is band.scale:
            self._ask(key, source, band, rows)
            self._latest.move_to_end(key)
            return own
        first = overview(source, key.fft_size, key.window)
        self._ask(first, source, Band(band.scale, high=band.high), max(rows // 2, 1))
        if first in self._latest:  # before, all else would only be in its way
            self._ask(key, source, band, rows)
        others = [one for one in self._latest.values() if one.band.scale is band.scale]
        found = [one for one in others if one.key.covers(key) or one.key == first]
        return min(found, key=lambda one: one.key.column_frames, default=None)

    def coloured(self, picture: Picture, look: Look) -> QImage | None:
        """The picture as an image; as it was, or None, where there is no time left for that."""
        name = look.colours or theme.colours().spectrum
        dress = (name, look.range_db, look.top_db)
        if picture.image is None or picture.dress != dress:
            if time.thread_time() > self._until:
                self.late = True
                return picture.image
            picture.pixels = colour_table(*dress)[picture.rows]
            height, width = picture.rows.shape
            memory = picture.pixels.data
            picture.image = QImage(memory, width, height, 4 * width, QImage.Format.Format_RGB32)
            picture.dress = dress
        return picture.image

    def forget_but(self, wanted: set[TileKey]) -> None:
        """Stop making pictures of what is no longer in sight."""
        for key, (_, _, job) in list(self._running.items()):
            if key not in wanted:
                self._tiles.jobs.cancel(job)

    def _ask(self, key: TileKey, source: AudioSource, band: Band, rows: int) -> None:
        known, running = self._latest.get(key), self._running.get(key)
        fits = known is not None and known.band == band and len(known.rows) == rows
        if fits or running is not None:
            return
        levels = self._tiles.get(key, source)
        if levels is None:
            return
        job = self._tiles.jobs.submit(
            LayRows(levels, band, rows, source.sample_rate, key.fft_size),
            on_change=lambda job: self._moved(key, job),
            on_done=lambda laid: self._keep(Picture(key, band, laid)),
        )
        self._running[key] = band, rows, job

    def _keep(self, picture: Picture) -> None:
        self._latest.pop(picture.key, None)
        self._latest[picture.key] = picture
        room = _MOST_BYTES // (5 * picture.rows.size)
        while len(self._latest) > max(room, 2):
            self._latest.popitem(last=False)

    def _moved(self, key: TileKey, job: Job[Any]) -> None:
        if job.finished:
            self._running.pop(key, None)
            self._arrived()


@cache
def colour_table(name: str, range_db: int, top_db: int) -> npt.NDArray[np.uint32]:
    """Colours as 0xffRRGGBB for levels 0-255 (`FLOOR_DB` to 0 dB)."""
    table = colours_of(name)
    db = np.linspace(FLOOR_DB, 0.0, 256)
    at = np.clip((db - top_db) / range_db + 1.0, 0.0, 1.0) * (len(table) - 1)
    steps = np.arange(len(table))
    red, green, blue = (np.interp(at, steps, part).round().astype(np.uint32) for part in table.T)
    return np.asarray(0xFF000000 | (red << 16) | (green << 8) | blue, np.uint32)


@cache
def colours_of(name: str) -> npt.NDArray[np.float64]:
    """A perceptual colour map that pyqtgraph carries, shape [colours, 3], 0-255.

    Only its table is read: loading the package takes longer than a first picture may.
    """
    found = find_spec("pyqtgraph")
    assert found is not None
    assert found.origin is not None
    path = Path(found.origin).parent / "colors" / "maps" / f"{name}.csv"
    return np.asarray(np.loadtxt(path, delimiter=",", comments=";") * 255.0)
