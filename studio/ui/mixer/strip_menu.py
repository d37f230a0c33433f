"""The context menu of a strip."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QMenu, QWidget

from studio.domain.track import Track, TrackKind
from studio.edit.tracks import SetTrack
from studio.ui.actions import add_entry
from studio.ui.mixer.track_commands import TrackCommands
from studio.ui.tr import tr
from studio.ui.widgets.colour_menu import colour_menu
from studio.workspace.studio import Studio


def strip_menu(
    studio: Studio, track: Track, rename: Callable[[], object], parent: QWidget
) -> QMenu:
    """Name, colour, and what the Track menu offers for it; `track` is the one selected."""
    commands = TrackCommands(studio)
    menu = QMenu(parent)
    menu.aboutToHide.connect(menu.deleteLater)
    menu.addAction(tr("Rename…\tF2"), rename)
    if track.kind is not TrackKind.MASTER:
        colours = colour_menu(
            menu, lambda color: studio.song.do(SetTrack(track.id, (("color", color),)))
        )
        menu.addMenu(colours)
        menu.addSeparator()
        add_entry(menu, "copy_track", commands.duplicate)
        add_entry(menu, "delete_track", commands.delete)
    menu.addSeparator()
    add_entry(menu, "add_bus", commands.add_bus)
    return menu
