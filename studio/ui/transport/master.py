"""The master's level: short-term loudness, a meter, and a lamp that stays on after a clip."""

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

SILENT_LUFS = -70.0


class MasterMeter(QFrame):
    """A press on it forgets the highest peak and the clip."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self.setProperty("role", "field")
        line = row(self, 0, theme.GAP)
        line.setContentsMargins(theme.GAP + 2, 0, theme.GAP + 2, 0)
        self.setFixedHeight(theme.CONTROL_HEIGHT)
        self._loudness = label(lufs_words(SILENT_LUFS), "number")
        self._loudness.setMinimumWidth(82)
        self._loudness.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._loudness.setToolTip(tr("Loudness of the last three seconds"))
        self._meter = Meter(tr("Master level"), horizontal=True)
        self._meter.setMaximumWidth(150)
        self._meter.clicked.connect(self._show_peak)
        line.addWidget(self._loudness)
        line.addWidget(self._meter)
        self._bindings = Bindings()
        self._bindings.connect(studio.playback.meters_changed, self._on_meters)

    def release(self) -> None:
        self._bindings.release()

    def _on_meters(self) -> None:
        levels = self._studio.playback.meter(self._studio.song.project.master.id)
        left, right, rms_left, rms_right = (level_db(float(level)) for level in levels)
        self._meter.show_levels((left, right), (rms_left, rms_right))
        self._loudness.setText(lufs_words(self._studio.playback.state.short_term_lufs))
        self._show_peak()

    def _show_peak(self) -> None:
        peak = tr("Highest peak {peak} dB. Press to forget it.", peak=self._meter.words())
        if self._meter.toolTip() != peak:
            self._meter.setToolTip(peak)
        restyle(self._loudness, clipped=self._meter.clipped)


def lufs_words(lufs: float) -> str:
    """`-14.2 LUFS`."""
    return f"{lufs:.1f} LUFS" if lufs > SILENT_LUFS else "-∞ LUFS"
