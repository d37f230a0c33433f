"""Cards of the takes panel: a job under way, and a finished take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QWidget

from studio.ai.listening.told import heard_of, in_words
from studio.ai.phrases import action_words, bars_text, recording_name
from studio.ai.requests import Take, Task
from studio.jobs.queue import Job, State
from studio.ui import icons, theme
from studio.ui.takes.seam_rows import SeamRows
from studio.ui.takes.stem_rows import StemRows
from studio.ui.tr import tr
from studio.ui.widgets.boxes import ElidedLabel, column, frame, label, link_row, restyle, row
from studio.ui.widgets.buttons import icon_button, text_button
from studio.ui.widgets.notes_picture import NotesPicture
from studio.workspace.takes import Entry

_PROMPT_LETTERS = 90


class JobCard(QFrame):
    """What runs, how far it is, how long it will take, and a way to stop it.

    Signals:
        cancelled(): The user wants it stopped.
    """

    cancelled = Signal()

    def __init__(self, job: Job[Any]) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setAccessibleName(job.work.title)
        box = column(self, theme.GAP + theme.SPACE, theme.SPACE + 2)
        head = row()
        head.addWidget(ElidedLabel(job.work.title), 1)
        self._share = label("", "accent")
        self._share.setMinimumWidth(self._share.fontMetrics().horizontalAdvance("100%") + 2)
        self._share.setAlignment(Qt.AlignmentFlag.AlignRight)
        head.addWidget(self._share)
        box.addLayout(head)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._bar.setAccessibleName(tr("Progress of {title}", title=job.work.title))
        box.addWidget(self._bar)
        foot = row()
        self._text = ElidedLabel("", "small")
        foot.addWidget(self._text, 1)
        stop = text_button(tr("Cancel"), self.cancelled.emit, kind="link")
        stop.setIcon(icons.icon("close", "text_2"))
        stop.setAccessibleName(tr("Cancel {title}", title=job.work.title))
        foot.addWidget(stop)
        box.addLayout(foot)
        self.show_job(job)

    def show_job(self, job: Job[Any]) -> None:
        waiting = job.state is State.QUEUED
        self._share.setText("" if waiting else f"{job.fraction:.0%}")
        self._bar.setValue(round(job.fraction * 1000))
        said = job_words(job.text, job.eta_seconds)
        if not said and not job.fraction:  # a model takes some seconds to load
            said = tr("getting ready")
        self._text.setText(tr("waiting") if waiting else said)


def job_words(text: str, eta_seconds: float | None) -> str:
    """`bar 7 of 8 · 2 s left`."""
    if eta_seconds is None:
        return text
    left = tr("{seconds} s left", seconds=max(round(eta_seconds), 1))
    if eta_seconds >= 90:
        left = tr("{minutes} min left", minutes=round(eta_seconds / 60))
    return f"{text} · {left}" if text else left


@dataclass(frozen=True, slots=True)
class Look:
    """All that a take's card shows; equal looks need no new card."""

    entry: Entry
    placed: bool
    expanded: bool
    colors: tuple[int, ...]


class TakeCard(QFrame):
    """A take. Its words and buttons say what can be done with it.

    Signals:
        asked(str): `play`, `place`, `keep`, `again`, `favourite`, `discard` or `expand`.
    """

    asked = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        entry = look.entry
        self.setProperty("role", "card")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(
            tr("Take {number}, {what}", number=entry.number, what=title(entry.take))
        )
        box = column(self, theme.GAP + theme.SPACE, theme.SPACE + 2)
        box.addLayout(self._head())
        if look.expanded and entry.writes:
            box.addWidget(self._picture())
        words = label(about(entry.take), "small", wrap=True)
        words.setToolTip(entry.take.request.prompt)
        box.addWidget(words)
        if entry.unplaced:
            box.addWidget(label(entry.unplaced, "error", wrap=True))
        if look.expanded:
            box.addLayout(self._foot())
        self.show_playing(False)

    def show_playing(self, playing: bool) -> None:
        """Say whether this take is what is heard."""
        self._status.setText(tr("playing") if playing else status(self.look))
        restyle(self, active="true" if self.look.placed and self.look.expanded else "false")
        if self.look.expanded and self.look.entry.writes:
            self._play.setIcon(icons.icon("stop" if playing else "play"))

    def _head(self) -> QHBoxLayout:
        heard = self.look.expanded and self.look.entry.writes
        line = link_row(theme.SPACE) if heard else row(gap=theme.SPACE)
        if heard:
            self._play = self._button("play", "play", tr("Hear this take"))
            line.addWidget(self._play)
            line.addWidget(label(str(self.look.entry.number), "strong"))
        else:
            line.addWidget(ElidedLabel(title(self.look.entry.take)), 1)
        if heard:
            line.addStretch(1)
        self._status = label("", "small")
        line.addWidget(self._status)
        return line

    def _picture(self) -> QWidget:
        take = self.look.entry.take
        if take.result.painted:
            return SeamRows(take.result.painted, take.result.sounds[0].source.sample_rate)
        if take.result.sounds:
            return StemRows(take.result.sounds)
        request, parts = take.request, take.result.parts
        notes = [part.notes for part in parts]
        drawn = list(zip(notes, self.look.colors, strict=True))
        return NotesPicture(drawn, request.gap.start, request.gap.end)

    def _foot(self) -> QHBoxLayout:
        entry = self.look.entry
        # Stems need no accepting, and come out the same; listening writes nothing at all.
        writes = entry.writes and not entry.take.result.sounds
        is_painted = entry.take.request.task is Task.PAINT
        line = link_row(gap=0)
        if entry.writes and not self.look.placed:
            line.addWidget(self._link("place", tr("Place"), tr("Write this take into the song")))
        elif writes and not entry.kept:
            line.addWidget(self._link("keep", tr("Keep"), tr("Keep: these notes are yours now")))
        again = tr("Another take: the same words, another seed")
        if is_painted:
            again = tr("Another take of the same place, with another seed")
        hears = entry.take.request.task is Task.TRANSCRIBE  # another seed hears no more
        if (writes and not hears) or is_painted:
            line.addWidget(self._link("again", tr("Again"), again))
        line.addStretch(1)
        star = "star_full" if entry.favourite else "star"
        color = "accent" if entry.favourite else "text_2"
        line.addWidget(self._button("favourite", star, tr("Favourite"), color))
        line.addWidget(self._button("discard", "trash", tr("Discard this take")))
        line.addSpacing(-theme.SPACE)
        return line

    def _link(self, what: str, text: str, name: str) -> QFrame:
        button = text_button(text, lambda: self.asked.emit(what), kind="link", name=name)
        button.setObjectName(what)
        return button  # type: ignore[return-value]

    def _button(self, what: str, icon: str, name: str, color: str = "text_2") -> Any:
        button = icon_button(icon, name, lambda: self.asked.emit(what), color=color, kind="link")
        button.setObjectName(what)
        return button

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if not self.look.expanded:
            self.asked.emit("expand")

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        restyle(self, focused="true")

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        restyle(self, focused="false")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = {
            Qt.Key.Key_Return: "play" if self.look.expanded else "expand",
            Qt.Key.Key_Enter: "play" if self.look.expanded else "expand",
            Qt.Key.Key_Delete: "discard",
        }
        what = keys.get(Qt.Key(event.key()))
        if what is None:
            super().keyPressEvent(event)
        else:
            self.asked.emit(what)


def title(take: Take) -> str:
    """What a take wrote, in a few words: `Piano, bars 1-8`."""
    request = take.request
    if request.task is Task.LISTEN:
        source = request.controls.audio.source if request.controls.audio is not None else None
        return tr("Heard in {name}", name=source.name if source is not None else tr("a recording"))
    if request.task is Task.PAINT:
        return action_words(request)
    bars = bars_text(request)
    if take.result.sounds:
        return tr("Stems, {bars}", bars=bars)
    names = [part.name or part.role for part in take.result.parts if part.name or part.role]
    shown = ", ".join(dict.fromkeys(names[:2])) + ("…" if len(names) > 2 else "")
    return f"{shown or tr('Notes')}, {bars}"


def about(take: Take) -> str:
    """The prompt (or what was done without one) and the seed, in a line; what was heard."""
    audio = take.request.controls.audio
    if take.request.task is Task.LISTEN and audio is not None:
        words = in_words(heard_of(audio, take.result))
        return f"{words}. {take.result.why}" if words else take.result.why
    if take.request.task is Task.PAINT:
        seed = tr("seed {seed}", seed=take.request.seed)
        return f"{action_words(take.request)} · {seed}. {take.result.why}"
    if take.result.sounds:
        quality = take.request.controls.quality
        return f"{action_words(take.request)} · {tr(str(quality))}"
    if take.request.task is Task.TRANSCRIBE:
        return f"{action_words(take.request)}. {take.result.why}"
    prompt = " ".join(take.request.prompt.split()) or action_words(take.request)
    if len(prompt) > _PROMPT_LETTERS:
        prompt = prompt[: _PROMPT_LETTERS - 1] + "…"
    by = tr("for {name}", name=recording_name(take.request)) if audio is not None else ""
    seed = tr("seed {seed}", seed=take.request.seed)
    return " · ".join(filter(None, (prompt, by, seed)))


def status(look: Look) -> str:
    """Where a take stands."""
    if look.entry.kept:
        return tr("kept")
    if look.placed:
        return tr("in the song")
    return tr("not placed") if look.entry.unplaced else ""


def section(text: str) -> QFrame:
    """A heading with room above."""
    box = frame("panel")
    line = row(box)
    line.setContentsMargins(0, theme.GAP, 0, 0)
    line.addWidget(label(text, "heading"))
    return box
