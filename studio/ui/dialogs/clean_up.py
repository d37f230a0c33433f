"""What the song does not use any more: how much it is, and whether it goes to the trash."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from studio.ui.dialogs.ask import Question
from studio.ui.tr import tr
from studio.workspace.studio import Studio

if TYPE_CHECKING:
    from studio.io.clean_up import Unused

_KINDS = {".wav": "recordings", ".flac": "recordings", ".npy": "notes and automation"}


def offer(studio: Studio, window: QWidget, found: tuple[Unused, ...]) -> None:
    """Ask whether what was found goes to the trash; say so where it is nothing."""
    if not found:
        studio.notice.emit("info", tr("There is nothing to clean up."), "")
        return
    Question(
        window,
        tr("Move {size} to the trash?", size=size_of(found)),
        tr(
            "Neither the song, its undo steps, its backups nor its takes use: {what}.",
            what="; ".join(_lines(found)),
        ),
        [
            (tr("Move to trash"), "accent", partial(studio.cleaning.clean_up, found)),
            (tr("Cancel"), "", lambda: None),
        ],
    ).open()


def tell_moved(studio: Studio, moved: tuple[Unused, ...]) -> None:
    studio.notice.emit("info", tr("{size} are in the trash now.", size=size_of(moved)), "")


def size_of(files: Sequence[Unused]) -> str:
    """Their size together, such as `12.3 MB`."""
    kilobytes = sum(file.nbytes for file in files) / 1000
    return f"{kilobytes / 1000:.1f} MB" if kilobytes >= 1000 else f"{kilobytes:.1f} kB"


def _lines(files: Sequence[Unused]) -> list[str]:
    """Each kind of file with its number and size."""
    kinds: dict[str, list[Unused]] = {}
    for file in files:
        kinds.setdefault(_KINDS.get(file.path.suffix, "requests of takes"), []).append(file)
    return [f"{tr(kind)}: {len(those)}, {size_of(those)}" for kind, those in kinds.items()]
