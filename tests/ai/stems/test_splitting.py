"""What comes out of a separation is the source again, whatever went in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from studio.ai.requests import STEMS, Controls, Excerpt, Request, Result, Task
from studio.ai.stems.splitting import null_db, split
from studio.core.errors import Cancelled, StudioError
from studio.domain.clip import AudioSource
from studio.domain.gap import Gap
from studio.domain.project import new_song
from studio.media.recording import Samples
from studio.media.store import MediaStore
from tests.ai.constraints import Quiet
from tests.ai.stems.engines import Bands

SECONDS = 2.5


def noise(rate: int, channels: int, seconds: float = SECONDS, seed: int = 3) -> Samples:
    random = np.random.default_rng(seed)
    return random.uniform(-0.8, 0.8, (round(rate * seconds), channels)).astype(np.float32)


def wish(
    media: MediaStore, excerpt: Excerpt, stems: tuple[str, ...] = STEMS, seed: int = 0
) -> Request:
    return Request(
        Task.SEPARATE, Gap((), 0, 3840), "bands", "1", seed, new_song(),
        controls=Controls(audio=excerpt, stems=stems), media=media,
    )  # fmt: skip


def whole(source: AudioSource) -> Excerpt:
    return Excerpt(source, 0, source.frames)


@pytest.fixture
def media(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media")


def stems_of(media: MediaStore, result: Result) -> dict[str, Samples]:
    return {s.name: media.samples(s.source, 0, s.source.frames) for s in result.sounds}


def left_behind(media: MediaStore) -> list[str]:
    return [path.name for path in media.folder.rglob(".*")]


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000, 96_000])
def test_stems_are_as_long_as_the_source_and_sum_to_it(
    media: MediaStore, rate: int, channels: int
) -> None:
    source = media.put_audio(noise(rate, channels), rate, "noise")
    result = split(wish(media, whole(source)), Quiet(), Bands())
    assert [sound.name for sound in result.sounds] == list(STEMS)
    for sound in result.sounds:
        found = sound.source
        assert (found.sample_rate, found.frames, found.channels) == (rate, source.frames, channels)
    stems = stems_of(media, result)
    mix = media.samples(source, 0, source.frames)
    assert null_db(mix, list(stems.values())) <= -120
    assert left_behind(media) == []


def _with(change: Callable[[Samples], object]) -> Samples:
    samples = noise(48_000, 2)
    change(samples)
    return samples


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros((48_000, 2), dtype=np.float32),
        _with(lambda s: s[:, 1].fill(0.0)),
        _with(lambda s: np.clip(s * 9, -1, 1, out=s)),
        _with(lambda s: np.multiply(s, 30, out=s)),
        _with(lambda s: s[100:200].fill(np.nan)),
        noise(48_000, 2, 1 / 48_000),
        noise(48_000, 1, 20 / 48_000),
    ],
    ids=["silence", "dead channel", "clipped", "too loud", "no numbers", "one frame", "20 frames"],
)
def test_odd_recordings_come_apart_and_together_again(media: MediaStore, samples: Samples) -> None:
    source = media.put_audio(samples, 48_000)
    stems = stems_of(media, split(wish(media, whole(source)), Quiet(), Bands()))
    mix = media.samples(source, 0, source.frames)
    scale = max(float(np.abs(mix).max()), 1.0)
    assert null_db(mix / scale, [stem / scale for stem in stems.values()]) <= -120
    assert all(stem.shape == samples.shape for stem in stems.values())


def test_stems_too_long_for_a_plain_wav_file_are_kept_in_a_larger_kind(
    media: MediaStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.media.recording.WAV_BYTES", 1000)
    source = media.put_audio(noise(22_050, 2), 22_050)
    result = split(wish(media, whole(source)), Quiet(), Bands())
    for sound in result.sounds:
        assert media.path(sound.source.media).read_bytes()[:4] == b"RF64"
    stems = stems_of(media, result)
    assert null_db(media.samples(source, 0, source.frames), list(stems.values())) <= -120


def test_an_excerpt_alone_is_taken_apart(media: MediaStore) -> None:
    samples = noise(48_000, 2)
    source = media.put_audio(samples, 48_000)
    excerpt = Excerpt(source, 10_001, 50_000)
    stems = stems_of(media, split(wish(media, excerpt), Quiet(), Bands()))
    assert null_db(samples[10_001:60_001], list(stems.values())) <= -120


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_stems_lie_where_they_sound_in_the_source(media: MediaStore, rate: int) -> None:
    """A tone below 200 Hz comes out in the bass as loud as it was, and not later."""
    at = np.arange(2 * rate) / rate
    tone = np.sin(2 * np.pi * 60 * at).astype(np.float32)
    source = media.put_audio(np.stack([tone, tone], 1), rate)
    bass = stems_of(media, split(wish(media, whole(source)), Quiet(), Bands()))["bass"]
    middle = slice(rate // 2, rate * 3 // 2)
    lag = np.argmax(np.correlate(bass[middle, 0], tone[middle], "full")) - (rate - 1)
    assert abs(lag) < rate // 250  # what the filter itself delays
    assert np.abs(bass[middle]).max() == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(
    ("stem", "rest"), [("vocals", "instrumental"), ("drums", "rest"), ("other", "rest")]
)
def test_one_stem_comes_with_the_rest(media: MediaStore, stem: str, rest: str) -> None:
    source = media.put_audio(noise(48_000, 2), 48_000)
    four = stems_of(media, split(wish(media, whole(source)), Quiet(), Bands()))
    two = split(wish(media, whole(source), (stem,)), Quiet(), Bands())
    assert [sound.name for sound in two.sounds] == [stem, rest]
    assert {sound.confidence for sound in two.sounds} == {Bands_confidence[stem]}
    found = stems_of(media, two)
    if stem != "other":  # which, among four, holds what resampling lost
        assert np.array_equal(found[stem], four[stem])
    assert null_db(media.samples(source, 0, source.frames), list(found.values())) <= -120


Bands_confidence = {"drums": 0.9, "bass": 0.8, "vocals": 0.4, "other": 0.7}


def test_weak_stems_are_told(media: MediaStore) -> None:
    source = media.put_audio(noise(48_000, 2), 48_000)
    weak = frozenset({"vocals"})
    four = split(wish(media, whole(source)), Quiet(), Bands(), weak).sounds
    assert [s.name for s in four if s.experimental] == ["vocals"]
    two = split(wish(media, whole(source), ("vocals",)), Quiet(), Bands(), weak).sounds
    assert all(sound.experimental for sound in two)
    drums = split(wish(media, whole(source), ("drums",)), Quiet(), Bands(), weak).sounds
    assert not any(sound.experimental for sound in drums)


def test_equal_wishes_bring_the_same_files(media: MediaStore) -> None:
    source = media.put_audio(noise(44_100, 2), 44_100)
    request = wish(media, whole(source))
    assert split(request, Quiet(), Bands()) == split(request, Quiet(), Bands())


class _Impatient(Quiet):
    """Cancels when it is asked for the `last` time."""

    def __init__(self, last: int) -> None:
        self._left = last

    def check_cancelled(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise Cancelled


@pytest.mark.parametrize("last", [1, 2, 5, 9])
def test_a_cancel_leaves_nothing_behind(media: MediaStore, last: int) -> None:
    source = media.put_audio(noise(48_000, 2), 48_000)
    with pytest.raises(Cancelled):
        split(wish(media, whole(source)), _Impatient(last), Bands())
    kept = set(media.hashes())
    assert source.media in kept
    assert len(kept) <= 1 + len(STEMS)
    assert left_behind(media) == []


def test_what_cannot_be_told_apart_is_one_sentence(media: MediaStore) -> None:
    source = media.put_audio(noise(48_000, 2), 48_000)
    with pytest.raises(StudioError, match="guitar"):
        split(wish(media, whole(source), ("guitar",)), Quiet(), Bands())
    lost = AudioSource("ab" * 32, 48_000, 100, 2, "lost.wav")
    with pytest.raises(StudioError, match="“lost"):
        split(wish(media, whole(lost)), Quiet(), Bands())
