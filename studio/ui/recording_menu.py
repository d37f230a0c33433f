"""What can be written from a recording that is selected, as entries of a context menu."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QMenu

from studio.ai.by_ear import KINDS
from studio.ui.actions import add_entry
from studio.ui.tr import tr
from studio.workspace.studio import Studio

ROLES = ("bass", "drums", "chords", "melody")


def add_transcribing(menu: QMenu, studio: Studio) -> None:
    """Add the entries, where bars or clips with a recording are selected."""
    transcribing = studio.transcribing
    if not transcribing.chosen():
        return
    for kind in KINDS:
        add_entry(menu, f"{kind}_from", partial(transcribing.write_down, kind))
    add_entry(menu, "harmonise_tune", transcribing.harmonise)
    parts = menu.addMenu(tr("Add a part to this recording"))
    for role in ROLES:
        add_entry(parts, f"beside_{role}", partial(transcribing.add_part, role))
    menu.addSeparator()
