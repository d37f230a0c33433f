"""Number fields of a strip: level in dB and pan position."""

from __future__ import annotations

from PySide6.QtCore import Qt

from studio.domain.track import LOUDEST_DB, SILENT_DB
from studio.ui.widgets.levels import db_words, pan_words, parse_db, parse_pan
from studio.ui.widgets.number_field import NumberField


class DbField(NumberField):
    """A level that is typed: `-6`, `+2.5`, `-inf`."""

    def __init__(self, name: str) -> None:
        super().__init__(name, low=SILENT_DB, high=LOUDEST_DB, decimals=1, step=0.5, parse=parse_db)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.set_value(0.0)

    def words(self, value: float) -> str:
        return db_words(value)


class PanField(NumberField):
    """A pan position that is typed: `C`, `L30`, `50`."""

    def __init__(self, name: str) -> None:
        super().__init__(name, low=-1, high=1, decimals=2, step=0.05, parse=parse_pan)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.set_value(0.0)

    def words(self, value: float) -> str:
        return pan_words(value)
