"""A recording as listening takes it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ai.listening.heard import Floats
from studio.ai.listening.mono import Mono, overlapped, windows
from studio.core.errors import Cancelled, StudioError
from tests.ai.listening.sounds import RATE, line


def whole(mono: Mono, rate: int = RATE) -> Floats:
    return np.concatenate(list(mono.blocks(rate)))


@given(st.integers(1, 400), st.integers(1, 90), st.integers(0, 40), st.integers(1, 70))
@settings(max_examples=60, deadline=None)
def test_pieces_hold_the_whole_once_with_what_lies_around(
    frames: int, length: int, margin: int, block: int
) -> None:
    sound = np.arange(1, frames + 1, dtype=np.float32)
    blocks = (sound[first : first + block] for first in range(0, frames, block))
    around = np.pad(sound, (margin, length + margin))
    found = []
    for index, (piece, real) in enumerate(overlapped(blocks, length, margin)):
        begin = index * length
        assert piece.tolist() == around[begin : begin + length + 2 * margin].tolist()
        found.append(piece[margin : margin + real])
    assert np.concatenate(found).tolist() == sound.tolist()


@given(st.integers(1, 3000), st.integers(1, 64), st.integers(1, 40), st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_windows_are_centred_on_every_hop(frames: int, size: int, hop: int, count: int) -> None:
    sound = np.random.default_rng(frames).normal(size=frames).astype(np.float32)
    found = np.concatenate(list(windows(iter([sound]), size, hop, count)))
    around = np.pad(sound, (size // 2, size + hop))
    wanted = [around[at : at + size] for at in range(0, frames, hop)]
    assert np.array_equal(found, np.array(wanted))


@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000])
def test_any_rate_is_heard_alike(rate: int) -> None:
    found = whole(Mono.of(line([60, 64], 0.5, rate), rate))
    wanted = whole(Mono.of(line([60, 64], 0.5), RATE))
    size = min(len(found), len(wanted))
    assert abs(len(found) - len(wanted)) <= 2
    assert np.corrcoef(found[:size], wanted[:size])[0, 1] > 0.99


def test_the_level_of_the_recording_changes_nothing() -> None:
    sound = line([60, 64, 67], 0.5)
    assert np.allclose(
        whole(Mono.of(sound, RATE)), whole(Mono.of(sound * np.float32(1e-3), RATE)), atol=1e-4
    )


def test_one_dead_channel_is_as_mono() -> None:
    sound = line([60, 64, 67], 0.5)
    stereo = np.stack([sound, np.zeros_like(sound)], axis=1)
    assert np.allclose(whole(Mono.of(stereo, RATE)), whole(Mono.of(sound, RATE)), atol=1e-6)


def test_channels_that_cancel_are_heard_by_the_louder() -> None:
    sound = line([60, 64, 67], 0.5)
    stereo = np.stack([sound, -sound], axis=1)
    assert np.allclose(whole(Mono.of(stereo, RATE)), whole(Mono.of(sound, RATE)), atol=1e-6)


@pytest.mark.parametrize("offset", [0.5, -0.9])
def test_a_constant_offset_changes_nothing(offset: float) -> None:
    sound = line([60, 64, 67], 0.5)
    moved = sound + np.float32(offset)
    bare = sound - sound.mean()
    assert np.allclose(whole(Mono.of(moved, RATE)), whole(Mono.of(bare, RATE)), atol=1e-3)
    assert Mono.of(np.full(RATE, offset, np.float32), RATE).silent


def test_how_often_it_was_read_is_told() -> None:
    mono = Mono.of(line([60, 64, 67], 0.5), RATE)
    assert (mono.begun, mono.part) == (0, 0.0)
    whole(mono)
    assert (mono.begun, mono.part) == (2, 1.0)  # once for its level


def test_what_is_no_number_is_silence() -> None:
    sound = line([60, 64], 0.5)
    sound[100:200] = np.nan
    assert np.isfinite(whole(Mono.of(sound, RATE))).all()


def test_silence_is_known() -> None:
    assert Mono.of(np.zeros((RATE, 2), np.float32), RATE).silent
    assert not Mono.of(line([60], 0.5), RATE).silent


@pytest.mark.parametrize(("frames", "rate"), [(0, RATE), (100, 100)])
def test_what_is_no_recording_is_refused(frames: int, rate: int) -> None:
    with pytest.raises(StudioError):
        Mono.of(np.zeros(frames, np.float32), rate)


def test_listening_stops_on_request() -> None:
    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        whole(Mono.of(line([60], 0.5), RATE, stop))
