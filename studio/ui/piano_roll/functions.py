"""What can be done to notes at one stroke: each function, its fields, and the edit they make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from studio.domain.clip import ClipId
from studio.domain.theory import Key
from studio.edit.command import Command
from studio.edit.phrasing import (
    FlamNotes,
    FlipNotes,
    HumaniseNotes,
    LegatoNotes,
    QuantiseNotes,
    ReverseNotes,
    StaccatoNotes,
    StrumNotes,
    SwellNotes,
)
from studio.render.knobs import Parameter


@dataclass(frozen=True, slots=True)
class Asked:
    """Which notes, and what the fields say.

    Attributes:
        values: Of fields, by name; of switches 0 or 1.
        grid: Ticks.
        key: The song's.
        seed: Decides what is left to chance.
    """

    clip: ClipId
    ids: frozenset[int]
    values: dict[str, float]
    grid: int
    key: Key | None
    seed: int

    def ticks(self, name: str) -> int:
        return round(self.values[name])

    def share(self, name: str) -> float:
        return self.values[name] / 100

    def on(self, name: str) -> bool:
        return bool(self.values[name])


@dataclass(frozen=True, slots=True)
class Function:
    """One function.

    Attributes:
        fields: Name of each as it is shown, and its range.
        switches: Name of each as it is shown, its own name, and whether it is on at first.
        grid: Whether it asks for a grid.
        chance: Whether something of it is left to chance.
    """

    id: str
    title: str
    make: Callable[[Asked], Command]
    fields: tuple[tuple[str, Parameter], ...] = ()
    switches: tuple[tuple[str, str, bool], ...] = ()
    grid: bool = False
    chance: bool = False


def _percent(name: str, default: float, high: float = 100.0, low: float = 0.0) -> Parameter:
    return Parameter(name, default, low, high, "%")


def _ticks(name: str, default: float, low: float, high: float) -> Parameter:
    return Parameter(name, default, low, high, "ticks")


FUNCTIONS: dict[str, Function] = {
    made.id: made
    for made in (
        Function(
            "quantise",
            "Quantise",
            lambda a: QuantiseNotes(
                a.clip, a.ids, a.grid, a.share("amount"), a.on("starts"), a.on("ends"),
                a.share("swing"), a.ticks("scatter"), a.seed,
            ),
            (
                ("Amount", _percent("amount", 100)),
                ("Swing", _percent("swing", 0)),
                ("Randomise", _ticks("scatter", 0, 0, 120)),
            ),
            (("Starts", "starts", True), ("Ends", "ends", False)),
            grid=True,
            chance=True,
        ),
        Function(
            "humanise",
            "Humanise",
            lambda a: HumaniseNotes(a.clip, a.ids, a.ticks("time"), a.ticks("velocity"), a.seed),
            (
                ("Time", _ticks("time", 20, 0, 120)),
                ("Velocity", Parameter("velocity", 10, 0, 60, "steps")),
            ),
            chance=True,
        ),
        Function(
            "legato",
            "Legato",
            lambda a: LegatoNotes(a.clip, a.ids, a.ticks("gap")),
            (("Gap", _ticks("gap", 0, -240, 240)),),
        ),
        Function(
            "staccato",
            "Staccato",
            lambda a: StaccatoNotes(a.clip, a.ids, a.share("length")),
            (("Length", _percent("length", 50, 200, 5)),),
        ),
        Function("reverse", "Reverse", lambda a: ReverseNotes(a.clip, a.ids)),
        Function(
            "flip",
            "Flip",
            lambda a: FlipNotes(a.clip, a.ids, a.key if a.on("in_key") else None),
            switches=(("In the key", "in_key", True),),
        ),
        Function(
            "strum",
            "Strum",
            lambda a: StrumNotes(a.clip, a.ids, a.ticks("ticks")),
            (("Each later", _ticks("ticks", 30, -240, 240)),),
        ),
        Function(
            "flam",
            "Flam",
            lambda a: FlamNotes(a.clip, a.ids, a.ticks("ticks"), a.share("velocity")),
            (
                ("Before", _ticks("ticks", 45, 5, 240)),
                ("Velocity", _percent("velocity", 60, 100, 5)),
            ),
        ),
        Function(
            "crescendo",
            "Crescendo",
            lambda a: SwellNotes(a.clip, a.ids, a.share("first"), a.share("last")),
            (
                ("From", _percent("first", 60, 200)),
                ("To", _percent("last", 120, 200)),
            ),
        ),
    )
}  # fmt: skip
