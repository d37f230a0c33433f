"""Choosing the model that writes, with what one should know of each."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QSizePolicy, QWidget

from studio.ai import registry
from studio.ai.catalogue import ModelCard
from studio.ui import theme
from studio.ui.tr import tr
from studio.ui.widgets.boxes import column, label, row
from studio.ui.widgets.overlay import Overlay
from studio.workspace.generation import Outlook
from studio.workspace.intents import WRITING

_WIDTH_PX = 340
ROW_PX = 30


class ModelChooser(Overlay):
    """A popup with one card a model.

    Args:
        current: Id of the chosen model, or empty.
        writes: Id of the one that the studio chooses for what is to be written now, or empty.

    Signals:
        chosen(str): Id of a model; empty: the best one for each task.
    """

    chosen = Signal(str)

    def __init__(self, current: str, writes: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Models"))
        self.setFixedWidth(_WIDTH_PX)
        self.buttons: list[QPushButton] = []
        box = column(self, theme.GAP)
        choice = tr("The studio's choice for each task.")
        now = tr("Now: {title}", title=registry.card(writes).title) if writes else ""
        box.addWidget(self._entry("", tr("Automatic"), choice, now, not current))
        for card in registry.cards():
            if not card.tasks & WRITING:
                continue
            chosen = card.id == current
            box.addWidget(self._entry(card.id, card.title, card.summary, facts(card), chosen))

    def focus_first(self) -> None:
        """Take the focus to the model that is chosen now."""
        next((b for b in self.buttons if b.isChecked()), self.buttons[0]).setFocus()

    def _entry(self, id: str, title: str, summary: str, below: str, on: bool) -> QPushButton:
        button = QPushButton()
        self.buttons.append(button)
        button.setProperty("kind", "card")
        button.setCheckable(True)
        button.setChecked(on)
        button.setAccessibleName(f"{title}. {summary}")
        button.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        inside = column(button, theme.GAP + 2, theme.SPACE)
        lines = [label(title, "strong"), label(summary, "small", wrap=True)]
        lines += [label(below, "label")] if below else []
        for line in lines:
            line.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            inside.addWidget(line)
        inside.activate()
        width = _WIDTH_PX - 2 * theme.GAP
        button.setFixedHeight(max(inside.heightForWidth(width), inside.minimumSize().height()))
        button.clicked.connect(lambda: self.chosen.emit(id))
        button.clicked.connect(self.dismiss)
        return button


def facts(card: ModelCard) -> str:
    """Licence, memory and the longest gap of a model, in a line."""
    return tr(
        "{licence} · {memory} MB · up to {bars} bars",
        licence=card.licence, memory=card.memory_mb, bars=card.most_bars,
    )  # fmt: skip


def model_words(chosen: str, outlook: Outlook) -> str:
    """What will write: `Composer`, or `Automatic: Composer` where the studio chose."""
    if chosen:
        return registry.card(chosen).title
    if not outlook.model:
        return tr("Automatic")
    return tr("Automatic: {title}", title=registry.card(outlook.model).title)


def time_words(chosen: str, outlook: Outlook) -> str:
    """How long it will take, and which model writes in place of one that cannot."""
    found = [lasting(outlook.seconds)] if outlook.seconds is not None else []
    if chosen and outlook.model and outlook.model != chosen:
        one, other = registry.card(outlook.model).title, registry.card(chosen).title
        found.append(tr("by {one}, as {other} cannot do this", one=one, other=other))
    text = ", ".join(found)
    return text[:1].upper() + text[1:]


def lasting(seconds: float) -> str:
    """A time to wait, no finer than it is known."""
    if seconds < 1.0:
        return tr("at once")
    if seconds < 90.0:
        return tr("about {seconds} s", seconds=round(seconds))
    return tr("about {minutes} min", minutes=round(seconds / 60))


def field_row(name: str, *widgets: QWidget, stretch: bool = False) -> QFrame:
    """A name on the left and its controls on the right."""
    line = QFrame()
    line.setFixedHeight(ROW_PX)
    layout = row(line, 0, theme.SPACE)
    said = label(name, "secondary")
    layout.addWidget(said)
    if not stretch:
        layout.addStretch(1)
    for widget in widgets:
        layout.addWidget(widget, 1 if stretch else 0)
    said.setBuddy(widgets[0])
    return line
