"""Every effect: finite, repeatable, honest about its latency and its linearity."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studio.domain.device import Device, DeviceId
from studio.domain.notes import Automation
from studio.domain.track import Send, TrackId
from studio.media.store import MediaStore
from studio.render.effects import Chain
from studio.render.knobs import LINEAR, PARAMETERS
from tests.render.songs import (
    RATE,
    Samples,
    bus,
    compiled,
    device,
    heard,
    noise,
    recording,
    song,
    tape,
)

SETTINGS = [
    pytest.param(device(kind, **{knob.name: value}), id=f"{kind}-{knob.name}-{value}")
    for kind, knobs in PARAMETERS.items()
    for knob in knobs
    for value in (knob.low, knob.high)
]
STILL = np.zeros(8192 // 64 + 1, np.int64)


def processed(chain: Chain, sound: Samples, block: int) -> Samples:
    """`sound` (shape [2, frames]) through a chain that has just begun."""
    out = sound.copy()
    for start in range(0, out.shape[1], block):
        part = out[:, start : start + block]
        chain.process(part, STILL[: part.shape[1] // 64 + 1], ())
    return out


def through(setting: Device, sound: Samples, block: int = 1024) -> Samples:
    return processed(Chain((setting,), RATE), sound, block)


@pytest.mark.parametrize("setting", SETTINGS)
def test_any_setting_is_finite_and_the_same_in_any_blocks(setting: Device) -> None:
    sound = noise(16_384).T.copy()
    out = through(setting, sound, 64)
    assert np.isfinite(out).all()
    assert np.abs(out).max() < 60.0
    assert np.array_equal(through(setting, sound, 8192), out)
    chain = Chain((setting,), RATE)
    parts = [processed(chain, part, 8192) for part in np.split(sound, [64, 1024], axis=1)]
    assert np.array_equal(np.concatenate(parts, axis=1), out)


@pytest.mark.parametrize("kind", [*sorted(PARAMETERS), "another program's"])
def test_a_reset_effect_is_like_one_that_has_just_begun(kind: str) -> None:
    made = replace(device(kind), latency_frames=100)
    used, sound = Chain((made,), RATE), noise(16_384).T.copy()
    processed(used, noise(16_384, 2).T.copy(), 1024)
    used.reset()
    assert np.array_equal(processed(used, sound, 1024), through(made, sound))


@pytest.mark.parametrize("kind", sorted(PARAMETERS))
def test_effects_said_to_be_linear_are(kind: str) -> None:
    full = device(kind, wet=1.0) if any(p.name == "wet" for p in PARAMETERS[kind]) else device(kind)
    one, two = noise(16_384, 1).T.copy(), noise(16_384, 2, level=0.9).T.copy()
    apart = through(full, one) + through(full, two)
    error = np.abs(through(full, one + two) - apart).max()
    assert (error < 1e-5) == (kind in LINEAR)


@pytest.mark.parametrize("kind", sorted(PARAMETERS))
def test_a_bypassed_effect_passes_everything(kind: str) -> None:
    sound = noise(8_192).T.copy()
    chain = Chain((replace(device(kind), bypassed=True),), RATE)
    late = chain.latency_frames
    out = processed(chain, sound, 512)
    assert np.array_equal(out[:, late:], sound[:, : sound.shape[1] - late])


def test_bypassing_fades(media: MediaStore) -> None:
    chain = Chain((device("saturation", drive_db=20.0),), RATE)
    again = Chain((replace(device("saturation", drive_db=20.0), bypassed=True),), RATE, chain)
    again.start()
    out = processed(again, np.full((2, 2048), 0.25, np.float32), 64)
    assert np.abs(np.diff(out[0])).max() < 0.01
    assert out[0, -1] == np.float32(0.25)


def test_a_device_of_another_program_lets_sound_pass(media: MediaStore) -> None:
    foreign = Device(DeviceId("x"), "vst3", (("gain", 9.0),))
    out = heard(
        compiled(song(tape("t", recording(media, noise(5_000)), devices=(foreign,))), media), 5_000
    )
    assert np.array_equal(out, noise(5_000))


def test_knobs_and_sends_can_be_automated(media: MediaStore) -> None:
    """A limiter's ceiling falls with the song; a send opens half way."""
    ceiling = Automation.of("xlimiter:ceiling_db", [0, 1920], [0.0, -24.0])
    opening = Automation.of("send:b", [0, 960, 961], [-120.0, -120.0, 0.0])
    track = tape(
        "t",
        recording(media, np.full(2 * RATE, 0.9)),
        devices=(device("limiter"),),
        automation=(ceiling,),
    )
    out = heard(compiled(song(track), media), RATE)[:, 0]
    assert out[100] == pytest.approx(0.9, rel=1e-3)
    assert out[24_000] == pytest.approx(10 ** (-12 / 20), rel=0.02)
    sent = tape(
        "s", recording(media, np.full(2 * RATE, 0.1)), automation=(opening,),
        sends=(Send(TrackId("b"), -120.0),),
    )  # fmt: skip
    out = heard(compiled(song(sent, bus("b")), media), 2 * RATE)[:, 0]
    assert out[20_000] == pytest.approx(0.1, rel=1e-4)
    assert out[40_000] == pytest.approx(0.2, rel=1e-4)
