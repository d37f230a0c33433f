"""The separator's own network, however little it has learnt: nothing is lost on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.ai.cards import separator_card
from studio.ai.catalogue import ModelCard
from studio.ai.client import WorkerClient
from studio.ai.generate import Generate
from studio.ai.models.separator import Separator
from studio.ai.nets.separator import Separator as Network
from studio.ai.nets.separator import SeparatorConfig
from studio.ai.nets.separator_weights import write
from studio.ai.requests import (
    STEMS,
    Controls,
    Excerpt,
    Quality,
    Request,
    Result,
    Task,
    take_id,
)
from studio.ai.stems.splitting import null_db
from studio.core.errors import Cancelled, StudioError
from studio.domain.gap import Gap
from studio.domain.project import new_song
from studio.jobs.queue import InlineQueue
from studio.media.store import MediaStore
from tests.ai.stems.test_splitting import noise


def write_untaught(folder: Path) -> ModelCard:
    """A tiny network of random weights in the real format, and its card."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        config = SeparatorConfig(window=2048, width=4, blocks=2)
        weights = Network(config).state_dict()
        write(folder, config, weights, {"trust": {"drums": 0.9, "bass": 0.6, "other": 0.5}})
    card = separator_card(folder, path=str(folder))
    assert card is not None
    return card


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> ModelCard:
    return write_untaught(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module")
def separator(card: ModelCard) -> Iterator[Separator]:
    threads = torch.get_num_threads()
    model = Separator(Path(card.path))
    model.load("cpu")
    yield model
    torch.set_num_threads(threads)


@pytest.fixture
def media(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media", tmp_path / "peaks")


def wish(
    card: ModelCard, media: MediaStore, rate: int, channels: int, *, seconds: float = 2.0,
    loudness: float = 1.0, quality: Quality = Quality.FAST,
) -> Request:  # fmt: skip
    sound = noise(rate, channels, seconds) * np.float32(loudness)
    source = media.put_audio(sound, rate, "noise.wav")
    controls = Controls(audio=Excerpt(source, 0, source.frames), quality=quality)
    gap = Gap((), 0, 3840)
    return Request(
        Task.SEPARATE, gap, card.id, card.digest, 0, new_song(), controls=controls, media=media
    )


def test_there_is_a_card_only_where_there_are_weights(tmp_path: Path, card: ModelCard) -> None:
    assert separator_card(tmp_path) is None
    assert card.stems == STEMS
    assert card.experimental == {"vocals"}


class _Context:
    """Keeps what it is told; cancels once so much is done."""

    def __init__(self, until: float = 2.0) -> None:
        self.told: list[float] = []
        self._until = until

    def progress(self, fraction: float, text: str = "") -> None:
        self.told.append(fraction)

    def partial(self, result: object) -> None: ...

    def check_cancelled(self) -> None:
        if self.told and self.told[-1] > self._until:
            raise Cancelled


def null_of(request: Request, result: Result) -> float:
    assert request.controls.audio is not None
    assert request.media is not None
    stems = [request.media.samples(s.source, 0, s.source.frames) for s in result.sounds]
    return null_db(request.media.samples(request.controls.audio.source, 0, len(stems[0])), stems)


@pytest.mark.parametrize(
    ("rate", "channels", "quality"),
    [
        (8_000, 1, Quality.FAST),
        (44_100, 2, Quality.FAST),
        (48_000, 2, Quality.BEST),
        (96_000, 1, Quality.FAST),
    ],
)
def test_stems_sum_to_the_mix(
    separator: Separator, card: ModelCard, media: MediaStore, rate: int, channels: int,
    quality: Quality,
) -> None:  # fmt: skip
    request = wish(card, media, rate, channels, quality=quality)
    result = separator.generate(request, _Context())
    assert [sound.name for sound in result.sounds] == list(STEMS)
    assert null_of(request, result) <= -120
    assert [s.name for s in result.sounds if s.experimental] == ["vocals"]
    assert all(0 <= sound.confidence <= 1 for sound in result.sounds)


def test_silence_comes_apart_in_silence(
    separator: Separator, card: ModelCard, media: MediaStore
) -> None:
    request = wish(card, media, 48_000, 2, loudness=0.0)
    result = separator.generate(request, _Context())
    assert null_of(request, result) == -200.0
    for sound in result.sounds:
        assert not media.samples(sound.source, 0, sound.source.frames).any()


def test_best_is_another_take_than_fast(
    separator: Separator, card: ModelCard, media: MediaStore
) -> None:
    fast, best = (wish(card, media, 44_100, 2, quality=q) for q in Quality)
    found = [separator.generate(request, _Context()).sounds for request in (fast, best)]
    assert found[0] != found[1]
    assert take_id(fast) != take_id(best)


def test_a_cancel_is_heard_within_a_window(
    separator: Separator, card: ModelCard, media: MediaStore
) -> None:
    context = _Context(until=0.2)
    with pytest.raises(Cancelled):
        separator.generate(wish(card, media, 44_100, 2, seconds=65.0), context)
    assert max(context.told) < 0.6
    assert len(list(media.hashes())) == 1
    assert list(media.folder.rglob(".*")) == []


def test_a_worker_keeps_the_stems_where_the_recording_lies(
    card: ModelCard, media: MediaStore, tmp_path: Path
) -> None:
    request = wish(card, media, 48_000, 2)
    worker = WorkerClient(tmp_path / "run", [card])
    try:
        take = worker.generate(request, _Context())
        for hash in list(media.hashes()):
            media.path(hash).unlink()
        gone = InlineQueue().submit(Generate(request, worker))
    finally:
        worker.close()
    assert take.id == take_id(request)
    assert [sound.source.frames for sound in take.result.sounds] == [96_000] * 4
    assert all(media.has_peaks(sound.source) for sound in take.result.sounds)
    assert isinstance(gone.error, StudioError)
    assert "noise.wav" in gone.error.message
