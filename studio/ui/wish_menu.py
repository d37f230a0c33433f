"""What a model can do with what is selected, as entries of a context menu."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape

from PySide6.QtCore import QPoint, QRect, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolTip

from studio.domain.clip import NoteClip
from studio.ui.actions import add_entry
from studio.ui.tr import tr
from studio.workspace.generation import Outlook
from studio.workspace.studio import Studio

CHANGES = ("rewrite", "vary", "busier", "calmer", "humanise")
STARTS = ("continue", "harmonise", "arrange")
ROLES = ("melody", "counter", "chords", "pad", "bass", "drums")
_TIP_PX = 320
_AT_ONCE_NOTES = 2_000  # in the song: of more, looking at all the wishes takes too long


def add_wishes(menu: QMenu, studio: Studio) -> None:
    """Add an entry for each wish; beside it stands what would be written, or why nothing can be."""
    generation = studio.generation
    outlooks: list[Callable[[], None]] = []
    menu.hovered.connect(partial(_say, menu))
    for group in (CHANGES, STARTS):
        for id in group:
            entry = add_entry(menu, id, partial(generation.do, id))
            outlooks.append(partial(_look, entry, partial(generation.outlook, id)))
        menu.addSeparator()
    parts = menu.addMenu(tr("Add a part that fits"))
    for role in ROLES:
        add_entry(parts, f"add_{role}", partial(generation.add, role))
    menu.addSeparator()
    notes = (len(c.notes) for _, c in studio.song.project.clips() if isinstance(c, NoteClip))
    if sum(notes) > _AT_ONCE_NOTES:
        _look_on(menu, outlooks)
    else:
        for look in outlooks:
            look()


def _look(entry: QAction, outlook: Callable[[], Outlook]) -> None:
    found = outlook()
    entry.setStatusTip(found.sentence)
    entry.setEnabled(found.possible)


def _look_on(menu: QMenu, outlooks: list[Callable[[], None]]) -> None:
    """Fill in one entry after another while the menu stands there."""
    outlooks.pop(0)()
    if outlooks:
        QTimer.singleShot(0, menu, partial(_look_on, menu, outlooks))


def _say(menu: QMenu, entry: QAction) -> None:
    """Show an entry's sentence beside the menu; entries without one hide the last."""
    text = entry.statusTip()
    said = f"<p>{escape(text)}</p>" if text else ""  # rich text is broken into lines
    QToolTip.showText(_beside(menu, menu.actionGeometry(entry)), said, menu)


def _beside(menu: QMenu, entry: QRect) -> QPoint:
    """Right of an entry or, where the screen ends there, left of the menu; Qt moves a tip a little
    down and right of the place it is given."""
    right = menu.mapToGlobal(entry.topRight()) - QPoint(0, entry.height())
    if right.x() + _TIP_PX < menu.screen().availableGeometry().right():
        return right
    return menu.mapToGlobal(entry.topLeft()) - QPoint(_TIP_PX, entry.height())
