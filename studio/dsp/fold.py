"""Many channels folded to two."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_HALF = 2**-0.5  # -3 dB
_LEFT, _RIGHT, _BOTH, _NONE = (1.0, 0.0), (0.0, 1.0), (_HALF, _HALF), (0.0, 0.0)
_BEHIND = ((_HALF, 0.0), (0.0, _HALF))
# By how many there are, in the order that WAV and FLAC files have.
_LAYOUTS = {
    3: (_LEFT, _RIGHT, _BOTH),
    4: (_LEFT, _RIGHT, *_BEHIND),
    5: (_LEFT, _RIGHT, _BOTH, *_BEHIND),
    6: (_LEFT, _RIGHT, _BOTH, _NONE, *_BEHIND),
    7: (_LEFT, _RIGHT, _BOTH, _NONE, (0.5, 0.5), *_BEHIND),
    8: (_LEFT, _RIGHT, _BOTH, _NONE, *_BEHIND, *_BEHIND),
}


def to_stereo(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Left and right of float32 [frames, channels] of three or more; one or two stay as they are.

    3 to 8 channels as in ITU-R BS.775: centre and surround at -3 dB, without the channel of low
    effects. Of more, those of even and of odd number are averaged.
    """
    channels = samples.shape[1]
    if channels <= 2:
        return samples
    if channels in _LAYOUTS:
        return samples @ np.array(_LAYOUTS[channels], dtype=np.float32)
    return np.stack([samples[:, ::2].mean(1), samples[:, 1::2].mean(1)], 1)
