"""Presets of effects: those that come with the studio, and the musician's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TypeAlias

from PySide6.QtCore import QObject

from studio.core import paths
from studio.core.errors import StudioError
from studio.domain.device import Device, DeviceId
from studio.jobs.queue import Context, Lane
from studio.media import durable
from studio.render.knobs import PARAMETERS, knobs_of
from studio.workspace.turns import Turn

Knobs: TypeAlias = dict[str, float]
Bank: TypeAlias = dict[str, dict[str, Knobs]]  # by kind of effect, by name


@dataclass(frozen=True, slots=True)
class KeepPresets:
    """Write the musician's own presets down."""

    bank: Bank
    path: Path
    title: ClassVar[str] = "Keep the presets"
    lane: ClassVar[Lane] = Lane.DISK

    def run(self, context: Context) -> None:
        text = json.dumps(self.bank, indent=1, ensure_ascii=False) + "\n"
        durable.write(self.path, text.encode())


class Presets(QObject):
    """Names and knobs by kind of effect; a preset of one's own hides a shipped one of its name.

    Args:
        keep: Takes the turns in which files are written.
        tell: Takes what went wrong.
    """

    def __init__(
        self, keep: Callable[[Turn], object], tell: Callable[[StudioError], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._keep, self._tell = keep, tell
        self._shipped: Bank | None = None
        self._own: Bank | None = None

    @property
    def _file(self) -> Path:
        return paths.home() / "presets.json"

    def shipped(self, kind: str) -> dict[str, Knobs]:
        if self._shipped is None:
            self._shipped = read_bank(paths.resource("presets", "effects.json"))
        return self._shipped.get(kind, {})

    def own(self, kind: str) -> dict[str, Knobs]:
        return self._own_bank().get(kind, {})

    def find(self, kind: str, name: str) -> Knobs | None:
        """Every knob of a preset; what it does not say is at its default."""
        found = (self.shipped(kind) | self.own(kind)).get(name)
        return None if found is None else complete(kind, found)

    def keep(self, kind: str, name: str, knobs: Knobs) -> None:
        """Keep a preset of one's own, in place of one of the same name."""
        bank = self._own_bank()
        self._write(bank | {kind: bank.get(kind, {}) | {name: dict(knobs)}})

    def forget(self, kind: str, name: str) -> None:
        bank = self._own_bank()
        kept = {other: knobs for other, knobs in bank.get(kind, {}).items() if other != name}
        self._write(bank | {kind: kept})

    def _own_bank(self) -> Bank:
        if self._own is None:
            self._own = read_bank(self._file)
        return self._own

    def _write(self, bank: Bank) -> None:
        self._own = bank
        turn = Turn(
            lambda: KeepPresets(self._own_bank(), self._file), on_failed=self._tell, must=True
        )
        self._keep(turn)


def complete(kind: str, knobs: Knobs) -> Knobs:
    """All the knobs of a kind of effect, within their ranges."""
    return knobs_of(Device(DeviceId(""), kind, tuple(knobs.items())))


def read_bank(path: Path) -> Bank:
    """The presets in a file; without the file, or where an entry is damaged, none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    bank: Bank = {}
    for kind, names in found.items() if isinstance(found, dict) else ():
        for name, knobs in names.items() if isinstance(names, dict) else ():
            if kind in PARAMETERS and _is_knobs(knobs):
                bank.setdefault(kind, {})[name] = {k: float(v) for k, v in knobs.items()}
    return bank


def _is_knobs(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(number, int | float) and not isinstance(number, bool)
        for number in value.values()
    )
