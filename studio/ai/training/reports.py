"""A report of figures that were measured once and kept: as data, and as text with small plots."""

from __future__ import annotations

import importlib
import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.core.errors import StudioError

REPORT, DATA, PLOTS = "report.md", "report.json", "plots"
MEASURED = "measured"  # beside the figures: what each was measured of


@dataclass(frozen=True, slots=True)
class Report:
    """What a report is made of.

    Attributes:
        package: Where the modules of the figures lie, each with `measure`, `draw` and `tell`.
        figures: Title of each figure by the name of its module, in order.
    """

    package: str
    title: str
    introduction: str
    figures: Mapping[str, str]

    def module(self, name: str) -> Any:
        return importlib.import_module(f"{self.package}.{name}")

    def check(self, names: Collection[str]) -> None:
        """Raises StudioError where a figure has no such name."""
        for name in names:
            if name not in self.figures:
                known = ", ".join(self.figures)
                raise StudioError(f"There is no figure “{name}”.", f"There are: {known}.")

    def take(
        self,
        out: Path,
        anew: Sequence[str],
        measure: Callable[[Any], Any],
        say: Callable[[str], None],
        joined: Callable[[str, Any, Any], Any] = lambda _name, _before, fresh: fresh,
    ) -> Path:
        """Take the figures in `anew` (or else those never taken), and write the report into `out`.

        Args:
            measure: Gives the data of a figure, by its module.
            say: Told how long each took.
            joined: Of a figure's name, the data that was kept and that of now: what to keep.

        Returns the text.

        Raises:
            StudioError: A figure has no such name.
        """
        self.check(anew)
        out.mkdir(parents=True, exist_ok=True)
        before = kept(out)
        found = {name: data for name, data in before.items() if name not in anew}
        for name in anew or [name for name in self.figures if name not in found]:
            began = time.monotonic()
            fresh = json.loads(json.dumps(measure(self.module(name)), default=float))
            found[name] = joined(name, before.get(name, {}), fresh)
            say(f"{name}: {time.monotonic() - began:.0f} s")
            self.write(out, found)
        return self.write(out, found)

    def write(self, out: Path, found: Mapping[str, Any]) -> Path:
        """Write data, text and plots of the figures that were found into a folder that is there.

        What is kept under `MEASURED` goes with the data.

        Returns the text.
        """
        known = {name: found[name] for name in (MEASURED, *self.figures) if name in found}
        (out / DATA).write_text(json.dumps(known, indent=1) + "\n", "utf-8")
        parts = [f"# {self.title}", self.introduction]
        for name, data in known.items():
            if name == MEASURED:
                continue
            module = self.module(name)
            images = module.draw(data, out / PLOTS)
            title = self.figures[name]
            parts += [f"## {title}", module.tell(data)]
            parts += [f"![{title}]({PLOTS}/{image})" for image in images]
        (out / REPORT).write_text("\n\n".join(parts) + "\n", "utf-8")
        return out / REPORT


def kept(out: Path) -> dict[str, Any]:
    """The data that a report in `out` was last written from; empty where there is none."""
    path = out / DATA
    found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return found
