"""The master's level: highest peak, a meter, and a lamp that stays on after a clip."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame

from studio.ui import theme
from studio.ui.bindings import Bindings
from studio.ui.tr import tr
from studio.ui.widgets.boxes import label, restyle, row
from studio.ui.widgets.levels import level_db
from studio.ui.widgets.meter import Meter
from studio.workspace.studio import Studio


class MasterMeter(QFrame):
    """A press on it forgets the highest peak and the clip."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self.setProperty("role", "field")
        line = row(self, 0, theme.GAP)
        line.setContentsMargins(theme.GAP + 2, 0, theme.GAP + 2, 0)
        self.setFixedHeight(theme.CONTROL_HEIGHT)
        self._peak = label("-∞ dB", "number")
        self._peak.setMinimumWidth(62)
        self._peak.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._peak.setToolTip(tr("Highest peak since the last press on the meter"))
        self._meter = Meter(tr("Master level"), horizontal=True)
        self._meter.setFixedWidth(150)
        self._meter.clicked.connect(self._show_peak)
        line.addWidget(self._peak)
        line.addWidget(self._meter)
        self._bindings = Bindings()
        self._bindings.connect(studio.playback.meters_changed, self._on_meters)

    def release(self) -> None:
        self._bindings.release()

    def _on_meters(self) -> None:
        levels = self._studio.playback.meter(self._studio.song.project.master.id)
        left, right, rms_left, rms_right = (level_db(float(level)) for level in levels)
        self._meter.show_levels((left, right), (rms_left, rms_right))
        self._show_peak()

    def _show_peak(self) -> None:
        self._peak.setText(f"{self._meter.words()} dB")
        restyle(self._peak, clipped=self._meter.clipped)
