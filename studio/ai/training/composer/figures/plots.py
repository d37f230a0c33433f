"""Plots of the report: small SVGs in one manner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_WORDY = 16  # characters of a name that would run into the next
COLOURS = ("#3b6ea5", "#c8553d", "#6a994e", "#9a6fb0", "#b08d3b", "#4a4a4a")


@contextmanager
def axes(path: Path, width: float = 7.0, height: float = 3.0, **grid: Any) -> Iterator[Any]:
    """One or several axes that are written to `path` in the end.

    Args:
        grid: `rows`, `columns`, and `heights`: how high the rows are beside each other.

    An SVG keeps its text and bears no date: equal data, equal file.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams.update(
        {"font.size": 8, "axes.spines.top": False, "axes.spines.right": False,
         "svg.hashsalt": "tutti", "svg.fonttype": "none"}
    )  # fmt: skip
    from matplotlib import pyplot as plt

    rows, columns = grid.get("rows", 1), grid.get("columns", 1)
    ratios = {"height_ratios": grid["heights"]} if "heights" in grid else None
    figure, made = plt.subplots(rows, columns, figsize=(width, height), gridspec_kw=ratios)
    try:
        yield made
        figure.tight_layout()
        path.parent.mkdir(parents=True, exist_ok=True)
        metadata = {"Date": None} if path.suffix == ".svg" else None
        figure.savefig(path, dpi=100, metadata=metadata)
    finally:
        plt.close(figure)


def grouped(
    ax: Any, names: Sequence[str], series: Mapping[str, Sequence[float]], label: str = ""
) -> None:
    """Bars side by side: one group for each name, one colour for each series."""
    at = np.arange(len(names))
    wide = 0.8 / max(len(series), 1)
    for index, (title, values) in enumerate(series.items()):
        place = at - 0.4 + (index + 0.5) * wide
        ax.bar(place, values, wide, label=title, color=COLOURS[index % len(COLOURS)])
    slanted = len(names) > 4 or max(map(len, names), default=0) > _WORDY
    ax.set_xticks(at, names, rotation=30 if slanted else 0, ha="right" if slanted else "center")
    ax.set_ylabel(label)
    if len(series) > 1:  # above, where no bar reaches
        ax.legend(frameon=False, fontsize=7, loc="lower left", bbox_to_anchor=(0, 1),
                  ncols=len(series))  # fmt: skip


def matrix(ax: Any, values: npt.NDArray[np.float64], title: str) -> None:
    """A square of similarities between 0 and 1."""
    ax.imshow(values, vmin=0, vmax=1, cmap="magma", origin="lower")
    ax.set_title(title)
    ax.set_xlabel("bar")


def table(head: Sequence[str], rows: Sequence[Sequence[object]], digits: int = 3) -> str:
    """A Markdown table; fractions with as many digits, numbers from 100 up with none."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(_cell(value, digits) for value in row) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: object, digits: int) -> str:
    if not isinstance(value, float):
        return str(value)
    if not np.isfinite(value):
        return "–"
    return f"{value:.{0 if abs(value) >= 100 else digits}f}"
