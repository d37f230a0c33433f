"""The network that splits a mix, and what holds for its stems whatever it has learnt."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from studio.ai.nets import separator_weights, weights
from studio.ai.nets.separator import Separator, SeparatorConfig, masked
from studio.ai.nets.separator_blend import BANDS
from studio.ai.requests import STEMS
from studio.core.errors import StudioError
from tests.ai.nets.splitter import SMALL, network, noise


@pytest.mark.parametrize("frames", [1, 511, 2048, 9999])
@pytest.mark.parametrize("window", [2048, 4096])
def test_the_spectrum_holds_all_of_the_sound(frames: int, window: int) -> None:
    net = Separator(SeparatorConfig(window=window, width=8, blocks=1))
    sound = noise(frames)
    again = net.sound(net.spectrum(sound), frames)
    assert again.shape == sound.shape
    assert torch.allclose(again, sound, atol=1e-6)


def test_a_sine_at_full_scale_stands_at_one_in_its_bin() -> None:
    net = network()
    sine = torch.sin(2 * torch.pi * 100 / 2048 * torch.arange(44100))
    level = net.spectrum(sine).abs()[40]
    assert int(level.argmax()) == 100
    assert float(level.max()) == pytest.approx(1, abs=1e-3)


def test_masks_share_out_the_whole_spectrum() -> None:
    net = network()
    masks = net.masks(net.spectrum(noise(20000)))
    assert masks.shape[1:] == (len(STEMS), 43, 1024)
    assert torch.allclose(masks.sum(1), torch.ones(()), atol=1e-5)
    assert float(masks.std()) > 0.1


def test_what_the_others_leave_is_what_the_last_mask_gives() -> None:
    net, mix = network(), noise(20000)
    stems = net(mix)
    assert stems.shape == (1, len(STEMS), 2, 20000)
    spectrum = net.spectrum(mix)
    by_mask = net.sound(masked(spectrum, net.masks(spectrum)), 20000)
    assert torch.allclose(stems, by_mask, atol=1e-6)


def test_left_and_right_keep_their_balance_in_every_stem() -> None:
    net, one = network(), noise(20000)[:, :1]
    stems = net(torch.cat((one, 0.5 * one), 1))
    assert torch.allclose(stems[:, :, 1], 0.5 * stems[:, :, 0], atol=1e-6)


def test_nothing_beyond_its_reach_changes_a_stem() -> None:
    net = network()
    mix = noise(60000)
    other = mix.clone()
    other[..., :20000] = noise(20000, seed=2)
    first = 20000 + SMALL.reach
    assert first < 50000
    changed = (net(mix) - net(other)).abs().amax((0, 1, 2))
    assert float(changed[first:].max()) < 1e-6
    assert float(changed[20000 : 20000 + SMALL.window].max()) > 1e-4


def test_the_bands_cover_every_bin_once() -> None:
    for window in (2048, 4096):
        config = SeparatorConfig(window=window)
        assert sum(bands * bins for bands, bins in config.groups) == config.bins
        assert 40 <= config.bands <= 48


def test_a_window_that_cannot_be_split_is_refused() -> None:
    with pytest.raises(StudioError, match="multiple of 2048"):
        Separator(SeparatorConfig(window=3000))


def test_a_loss_on_silence_has_a_finite_slope() -> None:
    net = Separator(SMALL)
    net(torch.zeros(1, 2, 5000)).abs().sum().backward()
    assert all(bool(p.grad.isfinite().all()) for p in net.parameters() if p.grad is not None)


def test_weights_are_read_as_they_were_written(tmp_path: Path) -> None:
    net = network()
    about = {"steps": 3, "trust": {"vocals": 0.25}, "blend": swapped(0, 3).tolist()}
    separator_weights.write(tmp_path, SMALL, net.state_dict(), about)
    again = separator_weights.read(tmp_path)
    assert again.config == SMALL
    assert again.trust == {"drums": 1.0, "bass": 1.0, "vocals": 0.25, "other": 1.0}
    assert again.blend is not None
    assert again.blend.equal(swapped(0, 3))
    net.blend = again.blend
    assert separator_weights.told_of(tmp_path)["steps"] == 3
    for name, value in again.state_dict().items():
        assert torch.allclose(value, net.state_dict()[name], rtol=1e-3, atol=1e-4), name
    assert torch.allclose(again(noise(5000)), net(noise(5000)), atol=1e-2)


def swapped(one: int, other: int) -> Tensor:
    """A blend that gives all of two stems to one another where left and right are alike."""
    plain = torch.eye(len(STEMS))
    moved = plain.clone()
    moved[[one, other]] = plain[[other, one]]
    return torch.cat((plain, moved - plain)).repeat(BANDS, 1, 1)


def test_a_blend_hands_what_is_alike_on_both_sides_to_another_stem() -> None:
    net = network()
    middle, sides = noise(20000)[:, :1], noise(20000)[:, :1]
    plain = [net(torch.cat(pair, 1)) for pair in ((middle, middle), (sides, -sides))]
    net.blend = swapped(1, 2)
    alike, apart = (net(torch.cat(pair, 1)) for pair in ((middle, middle), (sides, -sides)))
    assert torch.allclose(alike[:, 1], plain[0][:, 2], atol=1e-4)
    assert torch.allclose(alike[:, 2], plain[0][:, 1], atol=1e-4)
    assert torch.allclose(apart, plain[1], atol=1e-5)
    assert torch.allclose(alike.sum(1), torch.cat((middle, middle), 1), atol=1e-6)


@pytest.mark.parametrize("live", [0, 1])
def test_what_is_on_one_side_alone_is_split_as_if_in_the_middle(live: int) -> None:
    net, one = network(), noise(20000)[:, :1]
    net.blend = swapped(1, 2)
    sides = [0 * one, 0 * one]
    sides[live] = one
    stems, middle = net(torch.cat(sides, 1)), net(torch.cat((one, one), 1))
    assert torch.allclose(stems[:, :, live], middle[:, :, live], atol=1e-6)
    assert not stems[:, :, 1 - live].any()


def test_blended_masks_are_shares_of_the_whole_spectrum() -> None:
    net = network()
    net.blend = torch.randn(BANDS, 2 * len(STEMS), len(STEMS))
    shares = net.shares(net.spectrum(noise(20000)))
    assert torch.allclose(shares.sum(1), torch.ones(()), atol=1e-5)
    assert float(shares[:, :-1].min()) >= 0
    assert float(shares[:, :-1].max()) <= 1


def test_weights_that_are_missing_or_broken_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="separator's weights cannot be read"):
        separator_weights.read(tmp_path)
    net = network()
    separator_weights.write(tmp_path, SMALL, net.state_dict(), {})
    (tmp_path / weights.WEIGHTS).write_bytes(b"half of it")
    with pytest.raises(StudioError, match="separator's weights cannot be read"):
        separator_weights.read(tmp_path)
    for blend in ([1.0], [[0.0]], "much", None, (torch.nan * swapped(0, 1)).tolist()):
        separator_weights.write(tmp_path, SMALL, net.state_dict(), {"blend": blend})
        with pytest.raises(StudioError, match="separator's weights cannot be read"):
            separator_weights.read(tmp_path)
    other = SeparatorConfig(window=2048, width=16, blocks=2)
    separator_weights.write(tmp_path, other, net.state_dict(), {})
    with pytest.raises(StudioError, match="separator's weights cannot be read"):
        separator_weights.read(tmp_path)


def test_slopes_in_bfloat16_are_near_those_in_float32_and_always_the_same() -> None:
    slopes = []
    for enabled in (False, True, True):
        torch.manual_seed(0)
        net = Separator(SMALL)
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            net(noise(20000)).square().sum().backward()
        slopes.append([p.grad for p in net.parameters() if p.grad is not None])
    steepest = max(float(exact.norm()) for exact in slopes[0])
    for exact, half, again in zip(*slopes, strict=True):
        assert half.equal(again)
        assert float((half - exact).norm()) < 0.05 * steepest
