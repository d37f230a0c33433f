"""Folding keeps what is left on the left, what is in the middle in the middle."""

from __future__ import annotations

import numpy as np
import pytest

from studio.dsp.fold import to_stereo


@pytest.mark.parametrize("channels", [*range(1, 9), 10, 12])
def test_front_channels_stay_on_their_side(channels: int) -> None:
    left, right = np.zeros((2, 10, channels), dtype=np.float32)
    left[:, 0] = 1.0
    right[:, 1 % channels] = 1.0
    if channels > 1:
        assert to_stereo(left)[:, 0].all()
        assert not to_stereo(left)[:, 1].any()
        assert np.array_equal(to_stereo(right), to_stereo(left)[:, ::-1])
    assert to_stereo(left).dtype == np.float32
    assert to_stereo(left).shape == (10, min(channels, 2))


def test_the_centre_of_surround_sound_is_heard_from_both_and_its_rumble_from_none() -> None:
    surround = np.zeros((4, 6), dtype=np.float32)
    surround[:, 2] = 1.0
    assert to_stereo(surround) == pytest.approx(np.full((4, 2), 0.7071), abs=1e-4)
    surround = np.zeros((4, 6), dtype=np.float32)
    surround[:, 3] = 1.0
    assert not to_stereo(surround).any()
