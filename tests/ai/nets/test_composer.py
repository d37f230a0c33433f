"""The composer's network on small music of a plain rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from studio.ai.composer.piece import Piece
from studio.ai.composer.vocabulary import OFFSETS
from studio.ai.composer.window import Example, Opening, example, lane
from studio.ai.nets.composer import Composer, ComposerConfig, Losses, attend, visible
from studio.ai.training.composer.examples import padded, transposed
from tests.ai.nets.toy import band

SMALL = ComposerConfig(width=64, layers=3, heads=2)


def _example(piece: Piece, first: int = 2, last: int = 6, *, outline: bool = False) -> Example:
    kept = np.zeros(len(piece.notes), bool)
    parts = tuple(range(len(piece.parts)))
    opening = Opening(first, last, parts, kept, outline=outline)
    return example(piece, opening, lane(piece, opening, parts), 400)


def _batch(*examples: Example) -> dict[str, Tensor]:
    return {name: torch.from_numpy(np.array(v)) for name, v in padded(examples).items()}


def _net(config: ComposerConfig = SMALL) -> Composer:
    torch.manual_seed(0)
    return Composer(config)


def _trained(net: Composer, batch: dict[str, Tensor], steps: int) -> Losses:
    optimizer = torch.optim.AdamW(net.parameters(), lr=4e-3)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = 4e-3 * min(1, (step + 1) / 20)
        loss = net.losses(batch).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
    with torch.no_grad():
        return net.losses(batch)


@pytest.mark.parametrize("relative", [True, False])
def test_a_toy_piece_is_learnt_to_almost_no_loss(relative: bool) -> None:
    net = _net(replace(SMALL, relative=relative))
    batch = _batch(_example(band(1)), _example(band(2, solo=True)))
    before = float(net.losses(batch).mean().detach())
    after = _trained(net, batch, 150)
    assert before > 15
    assert float(after.mean()) < 0.2
    assert (after.sums / after.counts).max() < 0.1


def test_every_weight_takes_part_in_the_loss() -> None:
    net = _net()
    net.losses(_batch(_example(band(1)))).mean().backward()
    for name, parameter in net.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def test_padding_and_neighbours_change_nothing() -> None:
    net = _net()
    short, long = _example(band(1, solo=True), 2, 3), _example(band(2))
    together = net.losses(_batch(short, long))
    apart = [net.losses(_batch(one)) for one in (short, long)]
    torch.testing.assert_close(together.sums, apart[0].sums + apart[1].sums, rtol=1e-4, atol=1e-3)
    torch.testing.assert_close(together.counts, apart[0].counts + apart[1].counts)
    assert together.tokens == apart[0].tokens + apart[1].tokens


def test_a_masked_field_bears_no_loss() -> None:
    batch = _batch(_example(band(1)))
    batch["target"][..., 5:] = -1
    counts = _net().losses(batch).counts
    assert counts[5:].tolist() == [0, 0]
    assert (counts[:5] > 0).all()


def test_an_outline_asks_for_velocity_and_deviation_alone_and_knows_the_rest() -> None:
    net = _net()
    batch = _batch(_example(band(1), outline=True))
    losses = net.losses(batch)
    assert losses.counts[:5].tolist() == [0] * 5
    assert (losses.counts[5:] > 0).all()
    other = batch["target"].clone()
    pitch = other[..., 3]
    other[..., 3] = torch.where(pitch < -1, pitch - 1, pitch)  # one semitone away
    changed = net.losses({**batch, "target": other})
    assert (changed.sums[5:] != losses.sums[5:]).all()


def _slots_likely(net: Composer, found: Example, at: int) -> Tensor:
    """What the network says of the field of the slot after row `at`."""
    batch = _batch(found)
    batch["target"][:] = -1
    batch["target"][:, at] = torch.from_numpy(found.target[at])
    return net.losses(batch).sums


def test_what_comes_later_in_the_gap_is_not_seen() -> None:
    net, found = _net(), _example(band(1))
    at = found.prefix + 5
    features, beats = found.features.copy(), found.beats.copy()
    features[at + 1 :] = features[found.prefix]
    beats[at + 1 :] += 1
    later = replace(found, features=features, beats=beats)
    torch.testing.assert_close(_slots_likely(net, found, at), _slots_likely(net, later, at))


def test_the_prefix_is_seen_both_ways_and_by_all() -> None:
    net, found = _net(), _example(band(1))
    at = found.prefix + 5
    for row in (0, found.prefix - 1):
        features = found.features.copy()
        features[row] = features[found.prefix + 1]
        other = replace(found, features=features)
        assert (_slots_likely(net, found, at) != _slots_likely(net, other, at)).any()
    mask = visible(torch.from_numpy(found.features)[None], torch.tensor([found.prefix]))[0, 0]
    assert (mask[: found.prefix, : found.prefix] == 0).all()
    assert torch.isinf(mask[: found.prefix, found.prefix :]).all()


def test_a_row_without_features_is_seen_by_none() -> None:
    net, found = _net(), _example(band(1))
    at, gone = found.prefix + 5, found.prefix - 1
    features = found.features.copy()
    features[gone] = 0
    blank = replace(found, features=features)
    beats = found.beats.copy()
    beats[gone] += 7
    moved = replace(blank, beats=beats)
    torch.testing.assert_close(_slots_likely(net, blank, at), _slots_likely(net, moved, at))


def test_drums_and_pitches_never_mix() -> None:
    net = _net()
    told = torch.zeros(2, 6, dtype=torch.long)
    told[:, 1] = torch.tensor([OFFSETS["program"] + 128, OFFSETS["program"] + 33])
    told[:, 3], told[:, 5] = OFFSETS["chord root"], OFFSETS["tonic"]
    logits = net.pitch_logits(torch.randn(2, SMALL.width), told)
    assert torch.isinf(logits[0, :128]).all()
    assert torch.isinf(logits[1, 128:]).all()
    assert torch.isfinite(logits[0, 128:]).all()
    assert torch.isfinite(logits[1, :128]).all()


def test_a_degree_learnt_in_one_key_holds_in_another() -> None:
    net = _net()
    with torch.no_grad():
        net.pitch.logits.weight.zero_()
        net.pitch.logits.bias.zero_()
    x = torch.randn(1, SMALL.width).expand(2, -1)
    told = torch.zeros(2, 6, dtype=torch.long)
    told[:, 1] = OFFSETS["program"]
    told[:, 3] = OFFSETS["chord root"] + torch.tensor([1, 6])  # C, F
    told[:, 5] = OFFSETS["tonic"] + torch.tensor([8, 1])  # G, C
    first, second = net.pitch_logits(x, told).detach()
    torch.testing.assert_close(first[0:100], second[5:105])


def test_a_piece_and_its_transposition_are_told_apart_by_nothing_but_pitch() -> None:
    piece = band(1)
    low, high = _example(piece), _example(transposed(piece, 2))
    np.testing.assert_array_equal(low.beats, high.beats)
    net = _net()
    assert net.losses(_batch(low)).counts.equal(net.losses(_batch(high)).counts)


def test_attention_by_products_is_torchs_own() -> None:
    torch.manual_seed(0)
    query, key, value = torch.randn(3, 2, 40, 2, 16).bfloat16()
    mask = torch.zeros(2, 1, 40, 40).masked_fill(
        torch.ones(40, 40, dtype=torch.bool).triu(1), -torch.inf
    )
    exact = attend(query.float(), key.float(), value.float(), mask)
    assert torch.allclose(attend(query, key, value, mask).float(), exact, atol=0.03)
