"""The bar over the notes: tools, switches of what is shown and heard, and the key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QToolButton, QWidget

from studio.edit.tempo import SetKey
from studio.ui import theme
from studio.ui.actions import ROWS, with_key
from studio.ui.bindings import Bindings
from studio.ui.canvas.tools import Tools
from studio.ui.piano_roll.roll_view import RollView
from studio.ui.piano_roll.stamps import StampButton
from studio.ui.tr import tr
from studio.ui.transport.fields import KeyChooser
from studio.ui.widgets.boxes import ElidedLabel, row
from studio.ui.widgets.buttons import icon_button, text_button

MOST_NAME_PX = 120  # of a recording
_SIZE = 22


class Switches(Protocol):
    """What the buttons ask of the piano roll."""

    def shape(self, id: str = "quantise") -> None: ...
    def toggle_ghosts(self) -> None: ...
    def toggle_heard(self) -> None: ...
    def toggle_audition(self) -> None: ...
    def toggle_fold(self) -> None: ...
    def toggle_in_key(self) -> None: ...
    def toggle_clip_loop(self) -> None: ...
    def toggle_typing(self) -> None: ...
    def toggle_stepping(self) -> None: ...


class RollBar(QWidget):
    """Follows the view; each button names the key that does the same."""

    def __init__(self, view: RollView, switches: Switches) -> None:
        super().__init__()
        self._view = view
        self.tools = Tools(view)
        self.shape = _button("function", "quantise_as", switches.shape, checkable=False)
        self.ghosts = _button("ghost", "ghosts", switches.toggle_ghosts)
        self.heard = _button("heard", "heard", switches.toggle_heard)
        self.audition = _button("speaker", "audition", switches.toggle_audition)
        self.loop = _button("loop", "loop_clip", switches.toggle_clip_loop)
        self.typing = _button("keys", "typing", switches.toggle_typing)
        self.stepping = _button("step_input", "step_input", switches.toggle_stepping)
        self.fold = _button("fold", "fold", switches.toggle_fold)
        self.in_key = _button("in_key", "in_key", switches.toggle_in_key)
        self.stamp = StampButton(view)
        self.stamp.setFixedSize(_SIZE, _SIZE)
        self.stamp.setStyleSheet("padding: 0;")
        self.key = KeyChooser()
        self.key.setProperty("kind", "small")
        self.key.setMinimumWidth(64)  # long names of scales may be cut
        self.key.setFont(theme.mono_font(theme.LABEL_PX))
        words = tr("Hear the notes of the recording")
        self.hear = text_button(words, view.heard.ask, kind="link", name=words)
        self.name = ElidedLabel("", "small")
        self._arrange()
        self._bindings = Bindings()
        self._connect()
        self.follow()

    def _arrange(self) -> None:
        line = row(self, gap=2)
        line.setContentsMargins(theme.GAP, 2, theme.GAP, 2)
        groups: tuple[tuple[QWidget, ...], ...] = (
            (self.tools, self.shape),
            (self.audition, self.loop, self.ghosts, self.heard),
            (self.stamp, self.typing, self.stepping),
            (self.fold, self.in_key, self.key),
        )
        for group in groups:
            for widget in group:
                line.addWidget(widget)
            line.addSpacing(theme.SPACE)
            line.addWidget(_Divider())
            line.addSpacing(theme.SPACE)
        line.addWidget(self.name, 1)
        line.addWidget(self.hear)

    def _connect(self) -> None:
        view, studio = self._view, self._view.studio
        for signal in (view.opened, view.shown_changed, view.ghosts_changed, view.habits_changed):
            self._bindings.connect(signal, self.follow)
        self._bindings.connect(studio.settings_changed, self.follow)
        self._bindings.connect(studio.playback.loop_changed, self.follow)
        self.key.chosen.connect(lambda key: view.do(SetKey(key)))

    def follow(self) -> None:
        """Show what is on, and what is open."""
        view = self._view
        track, clip = view.track, view.clip
        parts = [] if track is None or clip is None else [track.name, clip.name]
        self.name.setText("  ·  ".join(part for part in dict.fromkeys(parts) if part))
        self.key.show_key(view.project.key)
        for button, on in (
            (self.ghosts, view.ghosts),
            (self.audition, view.studio.settings.audition_notes),
            (self.loop, view.loops),
            (self.typing, view.typing),
            (self.stepping, view.stepping),
            (self.fold, view.folded),
            (self.in_key, view.in_key),
        ):
            button.setChecked(on)
        self._show_heard()

    def _show_heard(self) -> None:
        """Offer to hear the recording behind the clip, where nobody did."""
        view = self._view
        clip, unheard = view.clip, view.heard.unheard()
        behind = clip is not None and view.studio.transcripts.recording(clip) is not None
        self.heard.setVisible(behind)
        self.heard.setChecked(view.heard.on)
        self.hear.setVisible(unheard is not None)
        if unheard is not None:
            name = unheard.name or unheard.source.name
            short = self.hear.fontMetrics().elidedText(
                name, Qt.TextElideMode.ElideRight, MOST_NAME_PX
            )
            self.hear.setText(tr("Hear the notes of {name}", name=short))
            whole = tr("Hear the notes of {name}", name=name)
            self.hear.setToolTip(whole)
            self.hear.setAccessibleName(whole)


class _Divider(QFrame):
    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "line")
        self.setFixedSize(1, _SIZE - 6)


def _button(
    icon: str, action: str, on_click: Callable[[], object], *, checkable: bool = True
) -> QToolButton:
    """A small button for a row of the action table."""
    found = next(row for row in ROWS if row.id == action)
    button = icon_button(icon, with_key(tr(found.title), found.keys), on_click, checkable=checkable)
    button.setFixedSize(_SIZE, _SIZE)
    button.setStyleSheet("padding: 0;")
    return button
