"""The rows of a piano roll: every key, or, folded, those of the scale, the kit and the notes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject

from studio.domain.clip import NoteClip
from studio.domain.theory import Key
from studio.domain.track import Track
from studio.ui.canvas.axis import RowAxis
from studio.ui.piano_roll.drum_names import CORE_KIT

PITCHES = 128
ROW_HEIGHT, LEAST_ROW, MOST_ROW = 13.0, 4.0, 40.0
_ALL = np.arange(PITCHES)


class PitchRows(RowAxis):
    """Row 0 is the highest key.

    Attributes:
        pitches: The key of each row, falling.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(PITCHES, ROW_HEIGHT, least=LEAST_ROW, most=MOST_ROW, parent=parent)
        self.pitches: npt.NDArray[np.int64] = _ALL[::-1]
        self._at = self._places()

    @property
    def folded(self) -> bool:
        """Whether some keys have no row."""
        return len(self.pitches) < PITCHES

    def show_only(self, pitches: npt.NDArray[np.int64]) -> None:
        """Give rows to these keys (falling) alone; what is in the middle stays there."""
        if np.array_equal(pitches, self.pitches):
            return
        middle = self.pitch(self.row(self.height / 2))
        self.pitches = pitches
        self._at = self._places()
        self.rows = len(pitches)
        self.top = min(max((self.of(middle) + 0.5) * self.row_height - self.height / 2, 0.0),
                       self.farthest)  # fmt: skip
        self.changed.emit()

    def pitch(self, row: int) -> int:
        return int(self.pitches[min(max(row, 0), len(self.pitches) - 1)])

    def of(self, pitch: float) -> float:
        """The row of a key; of one that has none, a place between its neighbours."""
        if not self.folded:
            return PITCHES - 1 - pitch
        return float(np.interp(pitch, np.arange(-1, PITCHES + 1), self._at))

    def of_all(self, pitch: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """The rows of many keys; same shape."""
        return self._at[np.asarray(pitch, dtype=np.int64) + 1]

    def have(self, pitch: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Which of many keys have a row; same shape."""
        return np.isin(pitch, self.pitches)

    def _places(self) -> npt.NDArray[np.float64]:
        """The row of each key from -1 to 128, shape [130]."""
        known = self.pitches[::-1]
        rows = np.arange(len(known))[::-1]
        places = np.interp(np.arange(-1, PITCHES + 1), known, rows)
        places[0], places[-1] = len(known), -1
        return places


def folded_pitches(
    track: Track | None, clip: NoteClip | None, key: Key | None
) -> npt.NDArray[np.int64]:
    """The keys worth a row, falling: those of the scale or of a kit, and those that notes use.

    Without a key they are those that notes use; without notes either, all.
    """
    used = clip.notes.pitch if clip is not None else np.zeros(0, np.uint8)
    wanted = np.isin(_ALL, used)
    if track is not None and track.is_drums:
        wanted |= np.isin(_ALL, CORE_KIT)
    elif key is not None:
        wanted |= np.isin(_ALL % 12, key.pitch_classes)
    return _ALL[::-1] if not wanted.any() else _ALL[wanted][::-1]
