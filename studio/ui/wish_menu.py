"""What a model can do with what is selected, as entries of a context menu."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolTip

from studio.ui.actions import add_entry
from studio.ui.tr import tr
from studio.workspace.studio import Studio

CHANGES = ("rewrite", "vary", "busier", "calmer", "humanise")
STARTS = ("continue", "harmonise", "arrange")
ROLES = ("melody", "counter", "chords", "pad", "bass", "drums")


def add_wishes(menu: QMenu, studio: Studio) -> None:
    """Add an entry for each wish; beside it stands what would be written, or why nothing can be."""
    generation = studio.generation
    menu.hovered.connect(partial(_say, menu))
    for group in (CHANGES, STARTS):
        for id in group:
            entry = add_entry(menu, id, partial(generation.do, id))
            sentence, possible = generation.outlook(id)
            entry.setStatusTip(sentence)
            entry.setEnabled(possible)
        menu.addSeparator()
    parts = menu.addMenu(tr("Add a part that fits"))
    for role in ROLES:
        add_entry(parts, f"add_{role}", partial(generation.add, role))
    menu.addSeparator()


def _say(menu: QMenu, entry: QAction) -> None:
    """Show an entry's sentence beside the menu; entries without one hide the last."""
    place = menu.mapToGlobal(menu.actionGeometry(entry).topRight())
    QToolTip.showText(place, entry.statusTip(), menu)
