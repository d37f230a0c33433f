"""The report in one table: what a musician would ask first, of Sketch, the composer and people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from studio.ai.training.composer.figures import choosing, intervals, plots

OF = ("Sketch", "Composer", "people")
Row: TypeAlias = tuple[str, ...]  # what is measured, and a cell for each of `OF`


def table(figures: Mapping[str, Any]) -> str:
    """Of the figures that are there, by name; empty where none of them is."""
    rows = [row for name, told in _TOLD.items() if name in figures for row in told(figures[name])]
    return plots.table(["", *OF], rows) if rows else ""


def _row(title: str, cells: Mapping[str, str]) -> Row:
    return (title, *(cells.get(of, "–") for of in OF))


def _infilling(data: Mapping[str, Any]) -> Iterator[Row]:
    for what, title in (("onset", "onsets"), ("pitch", "pitches")):
        cells = {of: intervals.told(found["true"][what]) for of, found in data["fillers"].items()}
        yield _row(f"four bars filled in, F1 of {title}, %", cells)


def _choosing(data: Mapping[str, Any]) -> Iterator[Row]:
    for claim, found in data.items():
        default = f" (default: {choosing.default(found)})"
        cells = {of: intervals.told(row["onset"]) for of, row in found["models"].items()}
        yield _row(f"{claim.replace('add_part:', 'add ')}, F1 of onsets, %{default}", cells)


def _obedience(data: Mapping[str, Any]) -> Iterator[Row]:
    for kind in ("instruments", "bars", "key, as heard", "chords, heard"):
        cells = {of: intervals.told(intervals.percent(*reversed(found["kinds"][kind])))
                 for of, found in data.items() if kind in found["kinds"]}  # fmt: skip
        yield _row(f"requests obeyed, {kind}, %", cells)


def _telling(data: Mapping[str, Any]) -> Iterator[Row]:
    cells = {of.split(",")[0]: intervals.told(row["onsets"], 3) for of, row in data["of"].items()}
    yield _row("told from people's bars, area (0.5: not at all)", cells)


def _form(data: Mapping[str, Any]) -> Iterator[Row]:
    for name, title in (("returning", "returning"), ("different", "other")):
        cells = {of: intervals.told(row[name], 3) for of, row in data.items() if name in row}
        yield _row(f"likeness of {title} sections", cells)


def _copying(data: Mapping[str, Any]) -> Iterator[Row]:
    cells = {of.split(",")[0]: intervals.told(row["share"]) for of, row in data["of"].items()}
    yield _row("notes in runs copied from training pieces, %", cells)


def _alarmed(data: Mapping[str, Any]) -> Iterator[Row]:
    cells = {of: intervals.told(row["without an alarm"]) for of, row in data.items()}
    yield _row("songs without any alarm, %", cells)


def _speed(data: Mapping[str, Any]) -> Iterator[Row]:
    yield _row("notes a second", {of: f"{row['notes_per_second']:.0f}" for of, row in data.items()})
    cells = {of: f"{row['first_bar_seconds']:.2f}" for of, row in data.items()}
    yield _row("seconds until the first bar", cells)


def _humanising(data: Mapping[str, Any]) -> Iterator[Row]:
    for kind in ("drummers", "bands and scores"):
        cells = {of: intervals.told(row["velocity"][kind]["correlation"], 2)
                 for of, row in data["players"].items() if kind in row["velocity"]}  # fmt: skip
        yield _row(f"loudness played like the player's, {kind}, correlation", cells)


_TOLD: dict[str, Callable[[Mapping[str, Any]], Iterator[Row]]] = {
    "infilling": _infilling,
    "choosing": _choosing,
    "obedience": _obedience,
    "telling": _telling,
    "form": _form,
    "copying": _copying,
    "alarmed": _alarmed,
    "speed": _speed,
    "humanising": _humanising,
}
