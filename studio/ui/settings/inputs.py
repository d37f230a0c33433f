"""The preferences of recording: inputs, count-in, and the measuring of latency."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from studio.core.errors import StudioError
from studio.ui import theme
from studio.ui.bindings import Bindings
from studio.ui.tr import tr
from studio.ui.widgets.boxes import label, row
from studio.ui.widgets.buttons import say, text_button
from studio.workspace.latency import measured_frames
from studio.workspace.studio import Studio

COUNT_INS = ("No bars", "One bar", "Two bars")


class InputRows(QObject):
    """Controls for a grid of preferences, as rows of (name, control).

    Args:
        menu: Makes a button that opens a menu, from a name and what fills it.
    """

    def __init__(
        self,
        studio: Studio,
        menu: Callable[[str, Callable[[QMenu], None]], QPushButton],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._studio = studio
        self.device = menu(tr("Audio input"), self._fill_devices)
        self.midi = menu(tr("MIDI input"), self._fill_midi)
        self.count_in = menu(tr("Count-in before a recording"), self._fill_count_in)
        self.sixteenths = text_button(
            "", kind="small", name=tr("Put recorded notes on sixteenths"), checkable=True
        )
        self.sixteenths.clicked.connect(lambda on: self._set(record_sixteenths=on))
        self.measure = text_button(tr("Measure"), studio.latency.start, kind="small")
        say(self.measure, tr("Measure latency: lead the output to the input, then press"))
        self.latency = label("", "small")
        self._bindings = Bindings()
        self._bindings.connect(studio.latency.found, lambda _frames: self.show())
        self._bindings.connect(studio.latency.failed, self._on_failed)

    def release(self) -> None:
        self._bindings.release()

    @property
    def rows(self) -> tuple[tuple[str, QWidget], ...]:
        measured = QWidget()
        line = row(measured, 0, theme.GAP)
        line.addWidget(self.measure)
        line.addWidget(self.latency)
        return (
            (tr("Input"), self.device),
            (tr("MIDI input"), self.midi),
            (tr("Count-in"), self.count_in),
            (tr("Notes on sixteenths"), self.sixteenths),
            (tr("Latency"), measured),
        )

    def show(self) -> None:
        """Show the preferences as they are."""
        settings = self._studio.settings
        self.device.setText(_opens(settings.input_device or tr("System default")))
        self.midi.setText(_opens(settings.midi_input or tr("The first one")))
        bars = min(max(settings.count_in_bars, 0), len(COUNT_INS) - 1)
        self.count_in.setText(_opens(tr(COUNT_INS[bars])))
        self.sixteenths.setChecked(settings.record_sixteenths)
        self.sixteenths.setText(tr("on") if settings.record_sixteenths else tr("off"))
        self.latency.setText(self._latency_words())

    def _latency_words(self) -> str:
        state = self._studio.playback.state
        frames = measured_frames(self._studio.settings, state)
        rate = max(state.sample_rate, 1)
        if frames is not None:
            return tr("{ms:.1f} ms, measured", ms=1000 * frames / rate)
        told = state.latency_frames + state.input_latency_frames
        return tr("{ms:.1f} ms, as the device says", ms=1000 * told / rate)

    def _on_failed(self, error: StudioError) -> None:
        self.latency.setText(error.message)

    def _fill_devices(self, menu: QMenu) -> None:
        names = [found.name for found in self._studio.engine.ears.inputs()]
        self._fill(menu, tr("System default"), names, "input_device")

    def _fill_midi(self, menu: QMenu) -> None:
        names = list(self._studio.engine.ears.midi_inputs())
        self._fill(menu, tr("The first one"), names, "midi_input")

    def _fill(self, menu: QMenu, usual: str, names: list[str], setting: str) -> None:
        menu.clear()
        for text, name in ((usual, ""), *((name, name) for name in names)):
            entry = menu.addAction(text)
            entry.triggered.connect(lambda _on=False, name=name: self._set(**{setting: name}))

    def _fill_count_in(self, menu: QMenu) -> None:
        menu.clear()
        for bars, name in enumerate(COUNT_INS):
            entry = menu.addAction(tr(name))
            entry.triggered.connect(lambda _on=False, bars=bars: self._set(count_in_bars=bars))

    def _set(self, **fields: Any) -> None:
        self._studio.set_settings(replace(self._studio.settings, **fields))


def _opens(text: str) -> str:
    """Words of a button that opens a list."""
    return f"{text}  ▾"
