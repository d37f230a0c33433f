"""The takes panel: jobs under way, the newest variations, and earlier takes."""

from __future__ import annotations

import random
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from studio.domain.clip import TakeId
from studio.jobs.queue import Job
from studio.ui import theme
from studio.ui.bindings import Bindings, Coalesced, Debounced
from studio.ui.takes.cards import JobCard, Look, TakeCard, section
from studio.ui.tr import tr
from studio.ui.widgets.boxes import column, label, row
from studio.ui.widgets.buttons import say
from studio.workspace.generation import SEEDS
from studio.workspace.studio import Studio
from studio.workspace.takes import Entry

_REFRESH_MS = 40
_SETTLED_MS = 200  # after the last edit of the song: whether a take is still in it can wait
_INSET = theme.PADDING - theme.SPACE  # on the right, where the scroll bar stands
_SEARCH_FROM = 8  # takes; fewer are seen at a glance


class TakesPanel(QFrame):
    """Follows `studio.takes`; keeps the cards that did not change."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self.setAccessibleName(tr("Takes"))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._studio = studio
        self._takes = studio.takes
        self._job_cards: dict[int, JobCard] = {}
        self._cards: dict[TakeId, TakeCard] = {}
        self._expanded: set[TakeId] = set()
        self._refreshing = Coalesced(self._refresh, _REFRESH_MS, self)
        self._settling = Debounced(self._refresh, _SETTLED_MS, self)
        self._seen: tuple[Entry, ...] = ()
        self._build()
        self._bindings = Bindings()
        self._bindings.connect(studio.takes.changed, self._on_changed)
        self._bindings.connect(studio.takes.jobs_changed, self._on_job)
        self._bindings.connect(studio.playback.playing_changed, self._show_playing)
        self._refresh()

    def release(self) -> None:
        self._bindings.release()
        self._refreshing.cancel()
        self._settling.cancel()

    def focus_first(self) -> None:
        """Take the focus to the newest take, where 1-9 switch variations."""
        cards = [self._cards[e.take.id] for e in self._takes.entries if e.take.id in self._cards]
        target: QWidget = cards[0] if cards else self
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @property
    def cards(self) -> list[TakeCard]:
        """The cards on show, newest take first."""
        return [self._cards[e.take.id] for e in self._shown() if e.take.id in self._cards]

    @property
    def job_cards(self) -> list[JobCard]:
        return list(self._job_cards.values())

    # -- building -----------------------------------------------------------------------------
    def _build(self) -> None:
        box = column(self, 0, theme.GAP + theme.SPACE)
        box.setContentsMargins(theme.PADDING, theme.PADDING, theme.SPACE, theme.PADDING)
        box.addWidget(label(tr("Takes"), "heading"))
        self._search = QLineEdit()
        self._search.setPlaceholderText(tr("Search by prompt"))
        self._search.setClearButtonEnabled(False)
        say(self._search, tr("Search takes by prompt"))
        self._search.textChanged.connect(self._refreshing.ask)
        line = row()
        line.setContentsMargins(0, 0, _INSET, 0)
        line.addWidget(self._search)
        box.addLayout(line)
        self._jobs_box = column(None, 0, theme.GAP)
        self._empty = label(
            tr("What you ask for appears here: hear it, keep it, or ask again."),
            "secondary",
            wrap=True,
        )
        self._newest = column(None, 0, theme.GAP)
        self._earlier_title = section(tr("Earlier"))
        self._earlier = column(None, 0, theme.GAP)
        content = QWidget()
        inside = column(content, 0, theme.GAP)
        inside.setContentsMargins(0, 0, _INSET, 0)
        inside.addLayout(self._jobs_box)
        inside.addWidget(self._empty)
        inside.addLayout(self._newest)
        inside.addWidget(self._earlier_title)
        inside.addLayout(self._earlier)
        inside.addStretch(1)
        box.addWidget(_scrolling(content), 1)

    # -- following ----------------------------------------------------------------------------
    def _on_changed(self) -> None:
        if self._takes.entries != self._seen:
            self._refreshing.ask()
        else:
            self._settling.ask()

    def _on_job(self, job: Job[Any]) -> None:
        card = self._job_cards.get(job.id)
        if job.finished:
            if card is not None:
                del self._job_cards[job.id]
                card.hide()
                card.deleteLater()
        elif card is None:
            card = JobCard(job)
            card.cancelled.connect(lambda: self._studio.jobs.cancel(job))
            self._job_cards[job.id] = card
            self._jobs_box.addWidget(card)
        else:
            card.show_job(job)
        self._show_empty()

    def _refresh(self) -> None:
        self._refreshing.cancel()
        self._settling.cancel()
        self._seen = self._takes.entries
        shown = self._shown()
        newest = max((entry.batch for entry in shown), default=0)
        focused = next((id for id, card in self._cards.items() if card.hasFocus()), None)
        looks = {e.take.id: self._look(e, e.batch == newest) for e in shown}
        for id in [id for id, card in self._cards.items() if looks.get(id) != card.look]:
            card = self._cards.pop(id)
            card.hide()
            card.deleteLater()
        first = sorted((e for e in shown if e.batch == newest), key=lambda e: e.number)
        self._arrange(self._newest, first, looks)
        self._arrange(self._earlier, [e for e in shown if e.batch != newest], looks)
        self._earlier_title.setVisible(len(shown) > len(first))
        self._search.setVisible(len(self._takes.entries) >= _SEARCH_FROM or bool(self._words()))
        if focused in self._cards:
            self._cards[focused].setFocus()
        self._show_empty()
        self._show_playing()

    def _arrange(self, box: QVBoxLayout, entries: list[Entry], looks: dict[TakeId, Look]) -> None:
        for index, entry in enumerate(entries):
            id = entry.take.id
            if id not in self._cards:
                card = TakeCard(looks[id])
                card.asked.connect(lambda what, id=id: self._do(id, what))
                self._cards[id] = card
            box.insertWidget(index, self._cards[id])

    def _look(self, entry: Entry, newest: bool) -> Look:
        expanded = newest or entry.take.id in self._expanded
        placed = self._takes.is_placed(entry.take.id)
        return Look(entry, placed, expanded, self._colors(entry))

    def _colors(self, entry: Entry) -> tuple[int, ...]:
        """The colour of each part: that of its track, or the one a new track would get."""
        project = self._studio.song.project
        before = len(entry.take.request.song.sources)
        found = []
        for index, part in enumerate(entry.take.result.parts):
            track = project.find_track(part.track) if part.track is not None else None
            found.append(track.color if track is not None else before + index)
        return tuple(found)

    def _shown(self) -> list[Entry]:
        words = self._words()
        return [
            entry
            for entry in self._takes.entries
            if all(word in entry.take.request.prompt.lower() for word in words)
        ]

    def _words(self) -> list[str]:
        return self._search.text().lower().split()

    def _show_empty(self) -> None:
        self._empty.setVisible(not self._cards and not self._job_cards)
        if self._words():
            self._empty.setText(tr("No take has these words in its prompt."))

    def _show_playing(self) -> None:
        playing = self._studio.playback.playing
        tick = self._studio.playback.position_tick
        for card in self._cards.values():
            gap = card.look.entry.take.request.gap
            card.show_playing(playing and card.look.placed and gap.start <= tick < gap.end)

    # -- doing --------------------------------------------------------------------------------
    def _do(self, id: TakeId, what: str) -> None:
        if what == "play":
            self._hear(id)
        elif what == "place":
            self._takes.place(id)
        elif what == "keep":
            self._takes.keep(id)
        elif what == "again":
            self._takes.again(id, new_seed=random.SystemRandom().randrange(SEEDS))
        elif what == "favourite":
            self._takes.favourite(id)
        elif what == "discard":
            self._takes.discard(id)
        elif what == "expand":
            self._expanded ^= {id}
            self._refreshing.ask()

    def _hear(self, id: TakeId) -> None:
        """Put the take into the song if it is not there, and play from where it begins."""
        playback = self._studio.playback
        entry = self._takes.entry(id)
        if entry is None:
            return
        if playback.playing and self._takes.is_placed(id):
            playback.stop()
            return
        if not self._takes.is_placed(id) and not self._takes.place(id):
            return
        playback.seek(entry.take.request.gap.start)
        playback.play()

    # -- keys ---------------------------------------------------------------------------------
    def event(self, event: QEvent) -> bool:
        keep = event.type() == QEvent.Type.ShortcutOverride and not self._search.hasFocus()
        if keep and isinstance(event, QKeyEvent) and _digit(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if number := _digit(event):
            self._takes.use_variation(number)
        else:
            super().keyPressEvent(event)


def _digit(event: QKeyEvent) -> int:
    """1-9 for a plain digit key, else 0."""
    plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if plain != Qt.KeyboardModifier.NoModifier:
        return 0
    return event.key() - Qt.Key.Key_0 if Qt.Key.Key_1 <= event.key() <= Qt.Key.Key_9 else 0


def _scrolling(content: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setAccessibleName(tr("Jobs and takes"))
    return area
