"""How well what was painted joins what is beside it: clicks, steps in level, and leaks."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QGridLayout

from studio.ai.painter.hole import Painted
from studio.ui import theme
from studio.ui.tr import tr
from studio.ui.widgets.boxes import label

_MOST = 4
_HEADS = (
    ("Seam", "Where it was written"),
    ("Click", "The largest surprise at the edges, against the music's own around them"),
    ("Step", "How much the level changes at the edges, over 50 ms"),
    ("Leak", "What changed outside the outlined band, against what sounds there"),
)


class SeamRows(QFrame):
    """A line for each place, the first few of them."""

    def __init__(self, painted: Sequence[Painted], sample_rate: int) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.GAP)
        grid.setVerticalSpacing(theme.SPACE)
        grid.setColumnStretch(0, 1)
        for at, (head, tip) in enumerate(_HEADS):
            made = label(tr(head), "small")
            made.setToolTip(tr(tip))
            grid.addWidget(made, 0, at)
        for line, one in enumerate(painted[:_MOST], 1):
            for at, text in enumerate((clock(one.first / sample_rate), *figures(one))):
                cell = label(text, "number" if at else "small")
                cell.setFont(theme.mono_font(theme.LABEL_PX))
                grid.addWidget(cell, line, at)
        rest = len(painted) - _MOST
        if rest > 0:
            grid.addWidget(label(tr("and {n} more", n=rest), "small"), _MOST + 1, 0, 1, 4)
        said = "; ".join(in_words(one) for one in painted[:_MOST])
        self.setAccessibleName(tr("Seams: {seams}", seams=said))


def figures(one: Painted) -> tuple[str, str, str]:
    """The worst click, the largest step and the leak, in dB; `–` where there is none."""
    clicks = [seam.click_db for seam in one.seams]
    steps = [seam.step_db for seam in one.seams]
    return (
        _db(max(clicks)) if clicks else "–",
        _db(max(steps, key=abs)) if steps else "–",
        _db(one.leak_db) if one.leak_db is not None else "–",
    )


def in_words(one: Painted) -> str:
    """`click −3.1 dB, step +0.4 dB, leak −62.0 dB`."""
    names = (tr("click"), tr("step"), tr("leak"))
    pairs = zip(names, figures(one), strict=True)
    return ", ".join(f"{name} {value} dB" for name, value in pairs if value != "–")


def _db(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")


def clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes)}:{rest:05.2f}"
