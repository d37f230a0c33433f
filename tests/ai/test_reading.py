"""Words are read in the worker, alike for the window and for a model."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from studio.ai import reading, registry, wishes
from studio.ai import worker as worker_process
from studio.ai.client import WorkerClient
from studio.ai.encoder.weights import READER
from studio.ai.requests import take_id
from studio.ai.sketch.plan import plan
from studio.ai.wire import Read
from studio.ai.wishes import Wish
from studio.core.errors import Cancelled, StudioError
from studio.domain.project import new_song
from studio.media.store import MediaStore
from tests.ai.test_worker import Reports
from tests.conftest import ExpectedLog

CARD = registry.card("sketch")
WORDS = "a haunted castle, 84 bpm"


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[WorkerClient]:
    started = WorkerClient(tmp_path)
    yield started
    started.close()


def nothing() -> None:
    pass


def test_the_chips_of_a_take_are_those_that_were_shown(worker: WorkerClient) -> None:
    shown = worker.chips(WORDS, "gravel", nothing)
    assert shown is not None
    assert [(c.text, c.heard) for c in shown][:2] == [("dark", "haunted castle"), ("84 bpm", "")]
    request = wishes.compose(new_song(), CARD, Wish(WORDS, "gravel", bars=2))
    take = worker.generate(request, Reports())
    assert take.result.chips == shown


def test_a_request_names_its_reader_and_is_read_by_it_alone() -> None:
    request = wishes.compose(new_song(), CARD, Wish(WORDS, bars=2))
    assert request.reader == READER
    assert plan(request).words.moods == ("dark",)
    plain = replace(request, reader="")
    assert plan(plain).words.moods == ()
    assert take_id(plain) != take_id(request)
    with pytest.raises(StudioError, match="another version"):
        reading.read(replace(request, reader="another"))


def test_an_order_that_cannot_be_read_is_answered(
    tmp_path: Path, expected_log: ExpectedLog
) -> None:
    expected_log("words could not be read")
    worker = worker_process.Worker(MediaStore(tmp_path), io.BytesIO(), io.BytesIO())
    assert worker.heard(Read(7, "gravel", "", "another")).chips is None


def test_reading_ends_when_it_is_not_wanted_any_more(worker: WorkerClient) -> None:
    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        worker.chips(WORDS, "", stop)
    assert worker.chips("gravel", "", nothing) is not None, "the late answer is passed over"
    worker.close()
    with pytest.raises(Cancelled):
        worker.chips(WORDS, "", nothing)


@pytest.mark.parametrize(
    ("prompt", "quarters", "seconds"),
    [
        ("2 minutes, 120 bpm", 240, 120.0),
        ("90 seconds of jazz", None, 90.0),
        ("in 7/8, 0:30", None, 30.0),
    ],
)
def test_a_song_lasts_as_long_as_was_asked(
    prompt: str, quarters: int | None, seconds: float
) -> None:
    request = wishes.compose(new_song(), CARD, Wish(prompt))
    planned = plan(request)
    length = request.gap.length / 960
    assert length * 60 / planned.bpm == pytest.approx(seconds, abs=0.5)
    assert quarters is None or length == quarters


def test_chords_of_the_words_are_followed_again_and_again() -> None:
    request = wishes.compose(new_song(), CARD, Wish("Am F C G"))
    names = [span.chord.name(False) for span in request.controls.chords]
    assert names == ["Am", "F", "C", "G"] * 2
    assert request.controls.chords[-1].end == request.gap.end == 8 * 3840
