"""Mixtures out of a bank: equal steps give equal samples, stems fit, effects keep their place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ai.training.separator.bank import mixing
from studio.ai.training.separator.bank.effects import augmented, mastered
from studio.ai.training.separator.bank.index import SAMPLE_RATE, STEMS, Bank, Clip
from studio.ai.training.separator.bank.mixing import Mixer, Pick, Shelf
from studio.ai.training.separator.bank.takes import Audio
from studio.core.errors import StudioError
from tests.ai.training.separator.bank.making import small_bank, tone

FRAMES = 3 * SAMPLE_RATE


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    return small_bank(tmp_path_factory.mktemp("bank"))


def clip(path: str, stem: str = "other", **known: object) -> Clip:
    lines = {"source": "s", "licence": "CC0-1.0", "split": "train", "group": "g"}
    return Clip(path=path, stem=stem, seconds=30.0, active=1.0, levels_db=(-20,) * 30,
                **lines, **known)  # type: ignore[arg-type]  # fmt: skip


def test_the_same_step_gives_the_same_samples(bank: Bank) -> None:
    one, other = Mixer(bank, 5, frames=FRAMES), Mixer(bank, 5, frames=FRAMES)
    last = [one.draw(step) for step in range(4)][-1]
    np.testing.assert_array_equal(last, other.draw(3))
    assert not np.array_equal(last, Mixer(bank, 6, frames=FRAMES).draw(3))


def test_a_mixture_is_four_finite_stems_within_full_scale(bank: Bank) -> None:
    mixer = Mixer(bank, 1, frames=FRAMES)
    drawn = [mixer.draw(step) for step in range(24)]
    for stems in drawn:
        assert stems.shape == (4, 2, FRAMES)
        assert stems.dtype == np.float32
        assert np.isfinite(stems).all()
        assert 0.05 < np.abs(stems.sum(axis=0)).max() < 1.2
    silent = [not stems[STEMS.index("vocals")].any() for stems in drawn]
    assert 2 <= sum(silent) <= 14


def test_a_test_mixture_holds_test_clips_alone(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: set[str] = set()
    read = Mixer._read

    def noted(self: Mixer, pick: Pick) -> Audio:
        heard.add(pick.clip.split)
        return read(self, pick)

    monkeypatch.setattr(Mixer, "_read", noted)
    mixer = Mixer(bank, 1, split="test", frames=FRAMES)
    for step in range(6):
        mixer.draw(step)
    assert heard == {"test"}


def test_stems_of_a_song_are_heard_from_the_same_moment(bank: Bank) -> None:
    mixer = Mixer(bank, 1, frames=FRAMES)
    for seed in range(10):
        picks = mixer._song(np.random.default_rng(seed))
        own = [pick for pick in picks.values() if pick.clip.source == "songs"]
        assert len(own) == 3
        assert len({(p.clip.song, p.start_seconds, p.speed) for p in own}) == 1


def test_an_empty_split_is_one_clear_sentence(bank: Bank) -> None:
    with pytest.raises(StudioError, match="holds nothing for valid"):
        Mixer(bank, 1, split="valid")


def test_a_clip_fits_where_its_tempo_and_key_do_at_one_speed() -> None:
    same = clip("same", "vocals", bpm=100.0, tonic=0, mode="major")
    higher = clip("higher", "vocals", bpm=100 * 2 ** (-1 / 12), tonic=11, mode="major")
    minor = clip("minor", "vocals", bpm=100.0, tonic=0, mode="minor")
    slow = clip("slow", "vocals", bpm=80.0, tonic=0, mode="major")
    shelf = Shelf([same, higher, minor, slow])
    lead = clip("lead", bpm=100.0, tonic=0, mode="major")
    found = {c.path: speed for c, speed in shelf.fitting(lead, 1.0)}
    assert found == {"same": 1.0, "higher": pytest.approx(2 ** (1 / 12))}
    assert shelf.fitting(replace(lead, bpm=None), 1.0) == []


def test_drums_follow_the_tempo_alone() -> None:
    shelf = Shelf([clip("near", "drums", bpm=95.0), clip("far", "drums", bpm=60.0)])
    [(found, speed)] = shelf.fitting(clip("lead", bpm=100.0), 1.0)
    assert found.path == "near"
    assert speed == pytest.approx(100 / 95)


@given(st.integers(0, 10_000), st.floats(-2.4, 2.4))
@settings(max_examples=60, deadline=None)
def test_what_plays_beside_a_clip_starts_at_the_same_place_of_the_bar(
    seed: int, beat_seconds: float
) -> None:
    rng = np.random.default_rng(seed)
    drums = clip("drums", "drums", bpm=96.0, beat_seconds=beat_seconds)
    lead = clip("lead", bpm=100.0, beat_seconds=1.1)
    mixer = Mixer.__new__(Mixer)
    mixer.frames = FRAMES
    mixer._shelves = {"drums": Shelf([drums])}
    start = float(rng.uniform(0, 20))
    pick = mixer._beside(lead, start, 1.0, "drums", rng)
    places = [(start - 1.1) / 2.4 % 1, (pick.start_seconds - beat_seconds) / 2.5 % 1]
    assert min(abs(places[0] - places[1]), 1 - abs(places[0] - places[1])) < 1e-6
    assert 0 <= pick.start_seconds < 30


def test_a_faster_clip_is_higher_and_the_rest_is_silent(bank: Bank) -> None:
    mixer = Mixer(bank, 1, frames=FRAMES)
    [vocals] = bank.of("train", "vocals")
    usual = mixer._read(Pick(vocals, 1.0))
    faster = mixer._read(Pick(vocals, 1.0, 2 ** (2 / 12)))
    tones = [np.abs(np.fft.rfft(a[0])).argmax() / 3 for a in (usual, faster)]
    assert tones[1] / tones[0] == pytest.approx(2 ** (2 / 12), rel=0.01)
    end = mixer._read(Pick(vocals, vocals.seconds - 1.0))
    assert end[:, : SAMPLE_RATE - 10].any()
    assert not end[:, SAMPLE_RATE + 10 :].any()


@pytest.mark.parametrize("stem", STEMS)
def test_effects_keep_length_and_loudness(stem: str) -> None:
    audio = tone(150, 2) + tone(900, 2)
    for seed in range(12):
        after = augmented(audio, stem, np.random.default_rng(seed))
        assert after.shape == audio.shape
        assert after.dtype == np.float32
        assert np.isfinite(after).all()
        change = 10 * np.log10(np.square(after).mean() / np.square(audio).mean())
        assert abs(change) < 3
    np.testing.assert_array_equal(after, augmented(audio, stem, np.random.default_rng(11)))
    silence = np.zeros_like(audio)
    np.testing.assert_array_equal(augmented(silence, stem, np.random.default_rng(0)), silence)


@given(st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_mastering_gives_every_stem_the_same_gain(seed: int) -> None:
    rng = np.random.default_rng(seed)
    stems = rng.normal(0, 0.2, (4, 2, 4410)).astype(np.float32) * rng.uniform(0.1, 1)
    stems[3] = stems[0]
    after = mastered(stems, rng)
    np.testing.assert_array_equal(after[3], after[0])
    gain = after.sum(axis=0) / np.where(stems.sum(axis=0) == 0, 1, stems.sum(axis=0))
    solid = np.abs(stems[1]) > 1e-3
    np.testing.assert_allclose((after[1] / stems[1])[solid], gain[solid], rtol=0.05, atol=1e-2)
    assert np.abs(after.sum(axis=0)).max() < 3


def test_a_silent_mixture_stays_silent() -> None:
    assert not mastered(np.zeros((4, 2, 100), np.float32), np.random.default_rng(0)).any()


def test_sources_are_heard_by_their_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(mixing.WEIGHTS, "rare", 0.25)
    many = [replace(clip(f"m{i}"), source="many") for i in range(20)]
    shelf = Shelf([*many, replace(clip("r"), source="rare")])
    rng = np.random.default_rng(0)
    share = np.mean([shelf.any(rng).source == "rare" for _ in range(500)])
    assert 0.12 < share < 0.28
