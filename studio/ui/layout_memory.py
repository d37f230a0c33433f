"""Where the window and its dividers were, from one start to the next."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QMainWindow, QSplitter

from studio.core import paths

_GEOMETRY = "geometry"


def restore(window: QMainWindow, splitters: Mapping[str, QSplitter]) -> None:
    """Put the window and the named splitters where `keep` found them; else leave them."""
    kept = _file()
    if kept.contains(_GEOMETRY):
        window.restoreGeometry(kept.value(_GEOMETRY))
        for name, splitter in splitters.items():
            if kept.contains(name):
                splitter.restoreState(kept.value(name))


def keep(window: QMainWindow, splitters: Mapping[str, QSplitter]) -> None:
    kept = _file()
    kept.setValue(_GEOMETRY, window.saveGeometry())
    for name, splitter in splitters.items():
        kept.setValue(name, splitter.saveState())
    kept.sync()


def _file() -> QSettings:
    return QSettings(str(paths.home() / "window.ini"), QSettings.Format.IniFormat)
