"""Tiles as images: levels laid on the rows of the screen, in colour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from PySide6.QtGui import QImage

from studio.domain.clip import AudioSource
from studio.dsp.stft import FLOOR_DB, Scale, hz_of_position
from studio.ui import theme
from studio.ui.spectrogram.axes import LOW_HZ, bins_of_rows, rows_of
from studio.ui.spectrogram.tiles import TileKey, Tiles

_MOST_IMAGES = 96


@dataclass(frozen=True, slots=True)
class Look:
    """How a tile is drawn.

    Attributes:
        range_db: Levels further below full scale look like silence.
        fft_size: Frames of a window.
    """

    scale: Scale = Scale.LOG
    range_db: int = 90
    fft_size: int = 2048


class Pictures:
    """Images of tiles, kept while the look, the height and the theme stay."""

    def __init__(self, tiles: Tiles) -> None:
        self._tiles = tiles
        self._images: dict[tuple[TileKey, Look, int, str], QImage] = {}

    def get(self, key: TileKey, source: AudioSource, look: Look, height: int) -> QImage | None:
        """The tile as `height` rows of pixels, or None while it is computed."""
        spectrum = theme.colours().spectrum
        known = self._images.get((key, look, height, spectrum))
        if known is not None:
            return known
        levels = self._tiles.get(key, source)
        if levels is None:
            return None
        positions = np.linspace(0.0, 1.0, height + 1)
        hz = hz_of_position(positions, look.scale, LOW_HZ, source.sample_rate / 2)
        edges = bins_of_rows(hz, source.sample_rate, look.fft_size)
        rows = np.ascontiguousarray(rows_of(levels[:, : edges[-1] + 1], edges)[::-1])
        width = rows.shape[1]
        image = QImage(rows.data, width, height, width, QImage.Format.Format_Indexed8)
        image.setColorTable(color_table(spectrum, look.range_db))
        if len(self._images) >= _MOST_IMAGES:
            self._images.clear()
        # A copy: the image would otherwise look into memory that numpy may free.
        self._images[key, look, height, spectrum] = image.copy()
        return self._images[key, look, height, spectrum]


@cache
def color_table(spectrum: str, range_db: int) -> list[int]:
    """Colours for levels 0-255 (`FLOOR_DB` to 0 dB); below -`range_db` all is as in silence.

    Args:
        spectrum: A colour map of pyqtgraph.
    """
    from pyqtgraph import colormap  # slow to import, and only this view needs it

    table = colormap.get(spectrum).getLookupTable(nPts=256).astype(np.int64)
    db = np.linspace(FLOOR_DB, 0.0, 256)
    shown = np.clip((db / range_db + 1.0) * 255, 0, 255).astype(np.int64)
    red, green, blue = table[shown].T
    return [int(c) for c in 0xFF000000 | (red << 16) | (green << 8) | blue]
