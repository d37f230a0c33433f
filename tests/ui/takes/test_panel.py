"""Jobs and takes: what they show, and what each button and key does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from studio.ai.phrases import action_words
from studio.ai.requests import Request, Take
from studio.domain.clip import AudioClip, NoteClip
from studio.edit.takes import KeepNotes
from studio.jobs.queue import Context, Lane
from studio.ui.takes.cards import TakeCard, job_words
from studio.ui.takes.panel import TakesPanel
from studio.workspace.studio import Studio
from tests.ui.canvas.hands import Mouse, differs, pixel, shown
from tests.ui.canvas.scene import BAR, BASS
from tests.ui.takes.takes_of import listened, take


@pytest.fixture
def panel(studio: Studio, qtbot: QtBot) -> Iterator[TakesPanel]:
    made = TakesPanel(studio)
    qtbot.addWidget(made)
    yield shown(made, 290, 800)
    made.release()


def add(studio: Studio, panel: TakesPanel, count: int = 1, **said: str) -> list[Take]:
    """`count` variations of one wish, the first of them placed."""
    song, batch = studio.song.project, studio.takes.new_batch()
    made = [take(song, BASS, seed=seed, **said) for seed in range(1, count + 1)]
    for one in made:
        studio.takes.add(one, batch)
    panel._refresh()
    QApplication.processEvents()
    return made


def button(card: TakeCard, name: str) -> QAbstractButton:
    found = card.findChild(QAbstractButton, name)
    assert found is not None
    return found


def do(panel: TakesPanel, index: int, name: str) -> None:
    button(panel.cards[index], name).click()
    panel._refresh()


def words(card: TakeCard) -> str:
    return " ".join(label.text() for label in card.findChildren(QLabel))


def written_pitches(studio: Studio) -> set[int]:
    """Pitches of the bass from bar 5 on."""
    clips = [c for c in studio.song.project.track(BASS).clips if isinstance(c, NoteClip)]
    return {int(p) for clip in clips if clip.start >= 4 * BAR for p in clip.notes.pitch}


def test_an_empty_panel_says_what_will_be_there(panel: TakesPanel) -> None:
    assert panel._empty.isVisible()
    assert panel.cards == []


def test_a_take_shows_number_prompt_seed_and_picture(studio: Studio, panel: TakesPanel) -> None:
    add(studio, panel, prompt="walking bass, late night")
    (card,) = panel.cards
    assert "walking bass, late night · seed 1" in words(card)
    assert "in the song" in words(card)
    assert not panel._empty.isVisible()
    area = card.mapTo(panel, card.rect().topLeft())
    colors = {
        pixel(panel, area.x() + x, area.y() + y).name()
        for x in range(14, 260, 6)
        for y in range(40, 80, 2)
    }
    assert "#e69f00" in colors  # the colour of the bass


def test_what_was_heard_is_told_and_cannot_be_placed(studio: Studio, panel: TakesPanel) -> None:
    rain = next(c for _, c in studio.song.project.clips() if isinstance(c, AudioClip))
    studio.takes.add(listened(rain.source), studio.takes.new_batch())
    panel._refresh()
    (card,) = panel.cards
    assert "Heard in Rain.wav" in words(card)
    assert "120.0 bpm, 4 beats a bar, D minor, 1 chord, 1 section. Heard by ear." in words(card)
    assert card.findChild(QWidget, "place") is None
    QTest.keyClick(card, Qt.Key.Key_Return)
    assert not studio.song.steps
    assert not studio.takes.entries[0].unplaced


def test_variations_are_listed_by_number_and_the_first_is_placed(
    studio: Studio, panel: TakesPanel
) -> None:
    add(studio, panel, 3)
    assert [card.look.entry.number for card in panel.cards[::-1]] == [1, 2, 3]
    assert [card.look.placed for card in panel.cards[::-1]] == [True, False, False]
    assert written_pitches(studio) == {41}


def test_digits_switch_variations_while_the_panel_has_the_focus(
    studio: Studio, panel: TakesPanel
) -> None:
    add(studio, panel, 3)
    panel.focus_first()
    QTest.keyClick(panel.focusWidget(), Qt.Key.Key_3)
    assert written_pitches(studio) == {43}
    QTest.keyClick(panel.focusWidget(), Qt.Key.Key_2)
    assert written_pitches(studio) == {42}


def test_switching_back_and_forth_leaves_one_step(studio: Studio, panel: TakesPanel) -> None:
    before = studio.song.project
    add(studio, panel, 2)
    for number in (2, 1, 2):
        studio.takes.use_variation(number)
    assert studio.song.undo_label == action_words(studio.takes.entries[0].take.request)
    studio.song.undo()
    assert studio.song.project is before


def test_keep_makes_the_notes_ones_own(studio: Studio, panel: TakesPanel) -> None:
    add(studio, panel)
    clip = studio.song.project.track(BASS).clips[-1]
    assert isinstance(clip, NoteClip)
    assert clip.notes.fresh.all()
    do(panel, 0, "keep")
    kept = studio.song.project.clip(clip.id)
    assert isinstance(kept, NoteClip)
    assert not kept.notes.fresh.any()
    assert "kept" in words(panel.cards[0])
    assert KeepNotes.label == studio.song.undo_label


def test_discard_takes_it_out_of_song_and_list(studio: Studio, panel: TakesPanel) -> None:
    before = studio.song.project
    add(studio, panel)
    do(panel, 0, "discard")
    assert panel.cards == []
    assert studio.song.project == before


def test_again_asks_for_the_same_words_with_another_seed(studio: Studio, panel: TakesPanel) -> None:
    asked: list[Request] = []
    studio.takes.ask_again = lambda request, batch: asked.append(request)
    made = add(studio, panel)
    do(panel, 0, "again")
    do(panel, 0, "again")
    assert len({request.seed for request in asked} | {made[0].request.seed}) == 3
    assert {request.prompt for request in asked} == {made[0].request.prompt}


def test_a_take_that_was_kept_is_still_in_the_song(studio: Studio, panel: TakesPanel) -> None:
    add(studio, panel)
    do(panel, 0, "keep")
    panel._refresh()
    assert panel.cards[0].look.placed
    assert not panel.cards[0].findChildren(QWidget, "place")
    assert not panel.cards[0].findChildren(QWidget, "keep")
    studio.song.undo()
    assert studio.takes.is_placed(panel.cards[0].look.entry.take.id)
    studio.song.undo()
    assert not studio.takes.is_placed(panel.cards[0].look.entry.take.id)


def test_a_star_stays(studio: Studio, panel: TakesPanel) -> None:
    made = add(studio, panel)
    do(panel, 0, "favourite")
    entry = studio.takes.entry(made[0].id)
    assert entry is not None
    assert entry.favourite
    do(panel, 0, "favourite")
    entry = studio.takes.entry(made[0].id)
    assert entry is not None
    assert not entry.favourite


def test_hear_places_the_take_and_plays_it_from_its_start(
    studio: Studio, panel: TakesPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[int] = []
    playback = studio.playback
    monkeypatch.setattr(playback, "play", lambda: played.append(playback.position_tick))
    add(studio, panel, 2)
    do(panel, 0, "play")
    assert played == [4 * BAR]
    assert written_pitches(studio) == {42}


def test_a_take_whose_place_changed_can_be_placed_later(studio: Studio, panel: TakesPanel) -> None:
    late = take(studio.song.project, BASS, seed=7)
    early = take(studio.song.project, BASS, seed=3)
    studio.takes.add(early, studio.takes.new_batch())
    studio.takes.add(late, studio.takes.new_batch())
    panel._refresh()
    card = panel.cards[0]
    assert "not placed" in words(card)
    assert written_pitches(studio) == {43}
    do(panel, 0, "place")
    assert written_pitches(studio) == {47}


def test_earlier_takes_are_short_and_open_by_a_press(studio: Studio, panel: TakesPanel) -> None:
    add(studio, panel)
    add(studio, panel, prompt="fill")
    earlier = panel.cards[1]
    assert not earlier.look.expanded
    assert earlier.findChild(QAbstractButton, "keep") is None
    Mouse(earlier).click(20, 12)
    panel._refresh()
    assert panel.cards[1].look.expanded
    button(panel.cards[1], "discard")


def test_a_change_elsewhere_keeps_the_cards(studio: Studio, panel: TakesPanel) -> None:
    add(studio, panel, 2)
    before = panel.cards
    panel._refresh()
    assert panel.cards == before


def test_takes_are_found_by_their_prompt(studio: Studio, panel: TakesPanel) -> None:
    for i in range(8):
        add(studio, panel, prompt=f"idea number {i}")
    assert panel._search.isVisible()
    panel._search.setText("number 5")
    panel._refresh()
    assert [card.look.entry.take.request.prompt for card in panel.cards] == ["idea number 5"]
    panel._search.setText("nothing like it")
    panel._refresh()
    assert panel.cards == []
    assert "No take" in panel._empty.text()


def test_the_card_of_what_is_in_the_song_stands_out(studio: Studio, panel: TakesPanel) -> None:
    add(studio, panel, 2)
    placed, other = panel.cards[1], panel.cards[0]
    assert differs(pixel(placed, 150, 4), pixel(other, 150, 4)) > 10


@dataclass(frozen=True)
class Waits:
    """A work that says how far it is and waits to be told to go on."""

    go_on: threading.Event = field(default_factory=threading.Event, compare=False)
    title: str = "Extend by 4 bars"
    lane: Lane = Lane.CPU
    share: float = 0.62

    def run(self, context: Context) -> None:
        context.progress(self.share, "bar 3 of 4" if self.share else "")
        while not self.go_on.wait(0.01):
            context.check_cancelled()


def test_a_job_shows_its_progress_and_can_be_cancelled(
    studio: Studio, panel: TakesPanel, qtbot: QtBot
) -> None:
    job = studio.jobs.submit(Waits(), on_change=studio.takes.watch)
    studio.takes.watch(job)
    (card,) = panel.job_cards
    qtbot.waitUntil(lambda: "62%" in " ".join(w.text() for w in card.findChildren(QLabel)))
    assert "bar 3 of 4" in " ".join(w.text() for w in card.findChildren(QLabel))
    stop = next(b for b in card.findChildren(QAbstractButton) if b.text() == "Cancel")
    stop.click()
    qtbot.waitUntil(lambda: panel.job_cards == [])
    assert job.state == "cancelled"


def test_a_job_that_has_not_begun_is_getting_ready(
    studio: Studio, panel: TakesPanel, qtbot: QtBot
) -> None:
    work = Waits(share=0.0)
    studio.takes.watch(studio.jobs.submit(work, on_change=studio.takes.watch))
    (card,) = panel.job_cards
    qtbot.waitUntil(lambda: "getting ready" in [w.text() for w in card.findChildren(QLabel)])
    work.go_on.set()
    qtbot.waitUntil(lambda: panel.job_cards == [])


@pytest.mark.parametrize(
    ("text", "eta", "said"),
    [
        ("bar 7 of 8", 2.2, "bar 7 of 8 · 2 s left"), ("", 0.1, "1 s left"),
        ("bar 1 of 8", None, "bar 1 of 8"), ("mix", 200.0, "mix · 3 min left"),
    ],
)  # fmt: skip
def test_the_time_left_is_told_only_where_it_is_known(
    text: str, eta: float | None, said: str
) -> None:
    assert job_words(text, eta) == said
