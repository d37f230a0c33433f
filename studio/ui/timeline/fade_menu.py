"""The shapes of fades and cross-fades, for the menu of clips."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from studio.domain.clip import AudioClip, FadeShape
from studio.edit.clips import SetClip
from studio.ui.timeline.timeline_view import TimelineView
from studio.ui.tr import tr

_WORDS = {
    FadeShape.POWER: "Equal power",
    FadeShape.LINEAR: "Linear",
    FadeShape.SMOOTH: "Smooth",
    FadeShape.SLOW: "Slow",
}


def add_fades(menu: QMenu, view: TimelineView) -> None:
    """The shape of the selected recordings' fades; nothing where none is selected."""
    sounds = [clip for _, clip in view.selected() if isinstance(clip, AudioClip)]
    if not sounds:
        return
    inner, ids = menu.addMenu(tr("Shape of fades")), frozenset(clip.id for clip in sounds)
    group = QActionGroup(inner)
    for shape, words in _WORDS.items():
        set_shape = partial(view.do, SetClip(ids, (("fade_shape", shape),)))
        entry = inner.addAction(tr(words), set_shape)
        entry.setCheckable(True)
        entry.setChecked(all(clip.fade_shape is shape for clip in sounds))
        group.addAction(entry)
