"""The chorale recipe learns, goes on where it stopped, and looks at nothing ahead."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from studio.ai.training.composer import jsb
from studio.core.errors import StudioError

TINY = jsb.Recipe(width=24, layers=1, heads=2, dropout=0.0, batch=2, warm_up=4)


def chorale(seed: int, sixteenths: int = 40) -> jsb.Tokens:
    rng = np.random.default_rng(seed)
    pitches = rng.integers(48, 76, (sixteenths, 4))
    held = rng.random((sixteenths, 4)) < 0.5
    held[0] = False
    begun = np.maximum.accumulate(np.where(held, 0, np.arange(sixteenths)[:, None]), 0)
    return jsb.tokens_of(np.take_along_axis(pitches, begun, 0))


def logits_of(net: jsb.Chorales, piece: jsb.Tokens) -> torch.Tensor:
    """Of every token of a piece in the published order, [n, CLASSES]."""
    given = jsb._given(piece, 0, len(piece))
    with torch.no_grad():
        found: torch.Tensor = net(*(column[None] for column in given[:-1]))
    return found[0].flatten(0, 1)


def test_rests_and_pitches_have_tokens_of_their_own() -> None:
    found = jsb.tokens_of(np.array([[81, 70, -1, 36]]))
    assert found.tolist() == [[45, 34, jsb.REST, 0]]


@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("place", [0, 7, 42, 81, 158])
def test_no_token_sees_itself_or_what_follows_it(relative: bool, place: int) -> None:
    torch.manual_seed(1)
    net = jsb.Chorales(jsb.Recipe(width=24, layers=2, heads=2, relative=relative)).eval()
    piece = chorale(1)
    changed = piece.copy()
    flat = changed.reshape(-1)
    flat[place] = (flat[place] + 3) % jsb.REST
    ahead, behind = logits_of(net, piece), logits_of(net, changed)
    torch.testing.assert_close(ahead[: place + 1], behind[: place + 1])
    assert not torch.allclose(ahead[place + 1], behind[place + 1], atol=1e-6)


def test_likelihoods_of_a_token_sum_to_one() -> None:
    net = jsb.Chorales(jsb.Recipe(width=24, layers=1, heads=2)).eval()
    chances = logits_of(net, chorale(3)).softmax(-1)
    assert chances.shape == (160, jsb.CLASSES)
    torch.testing.assert_close(chances.sum(-1), torch.ones(160))


def test_a_pitch_knows_how_long_it_has_been_held_and_how_it_was_reached() -> None:
    line = np.array([20, 20, 23, jsb.REST, jsb.REST, 23, 23, 11])
    held, motion = jsb._held_and_motion(line)
    assert held.tolist() == [0, 1, 0, 0, 1, 0, 1, 0]
    unknown = 2 * jsb._WIDEST + 1
    up, down = jsb._WIDEST + 3, 0
    assert motion.tolist()[2:] == [up, unknown, unknown, unknown, unknown, down]


def test_a_voice_is_measured_from_what_it_sang_last() -> None:
    piece = np.tile([30, 20, 15, 5], (5, 1))
    piece[1:3, 1] = jsb.REST
    sung = jsb.known(piece).own
    assert sung[0].tolist() == [jsb._MIDDLE] * 4
    assert sung[1:, 1].tolist() == [20] * 4


def test_the_scale_is_told_from_the_pitch_a_voice_sang_last() -> None:
    up, down = chorale(5), chorale(5)
    up += 2
    for one, other in zip(jsb.known(up).scale[1:], jsb.known(down).scale[1:], strict=True):
        np.testing.assert_allclose(one, other)
    still = jsb.known(np.tile([28, 24, 21, 12], (9, 1))).scale[-1, 3, :12]
    assert np.flatnonzero(still).tolist() == [0, 4, 9]
    np.testing.assert_allclose(still[[0, 4, 9]], [2.0, 1.0, 1.0], rtol=1e-5)


def test_a_phrase_that_returns_has_an_echo() -> None:
    phrase, other = chorale(7, 48), chorale(8, 24)
    piece = np.concatenate((phrase, other, phrase))
    where, agreed = jsb._echoes(piece)
    late = np.arange(96, 120)
    assert (where[late, jsb.VOICES] == late - 72).all()
    assert (piece[where[late]][:, 0] == piece[late]).all()
    assert (np.diff(agreed[late, jsb.VOICES]) >= 0).all()
    assert not jsb._echoes(np.tile(piece[:1], (40, 1)))[1][:, jsb.VOICES].max() > 1


def test_every_token_is_scored_once_with_half_a_context_before_it() -> None:
    windows = list(jsb._windows(2 * jsb.CONTEXT + 100))
    scored = [place for first, _, end in windows for place in range(first, end)]
    assert scored == list(range(2 * jsb.CONTEXT + 100))
    assert all(end - at <= jsb.CONTEXT for _, at, end in windows)
    assert all(first - at >= jsb.CONTEXT // 2 for first, at, _ in windows[1:])


def test_batches_are_equal_for_equal_steps_and_stay_in_the_range_of_all_chorales() -> None:
    pieces = [chorale(1), chorale(2)]
    first, again = (jsb.crops(pieces, TINY, 3) for _ in range(2))
    for a, b in zip(first, again, strict=True):
        assert torch.equal(a, b)
    assert first.target.shape == (2, 40, 4)
    assert -1 < int(first.target.min()) <= int(first.target.max()) < jsb.CLASSES
    assert int(first.past.max()) < jsb.PAST_SIZE
    assert int(first.now.max()) < jsb.NOW_SIZE


def test_shorter_pieces_of_a_batch_ask_for_nothing_behind_their_end() -> None:
    pieces = [chorale(1, 40), chorale(2, 24)]
    batch = next(b for b in (jsb.crops(pieces, TINY, step) for step in range(20))
                 if (b.target == -1).any())  # fmt: skip
    assert sorted((batch.target >= 0).all(-1).sum(1).tolist()) == [24, 40]


def test_the_rate_rises_and_comes_to_rest() -> None:
    rates = [jsb.rate(TINY, step) for step in range(TINY.steps + 1)]
    assert rates.index(max(rates)) == TINY.warm_up - 1
    assert rates[-1] == pytest.approx(0, abs=1e-9)


def test_a_run_learns_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    pieces = {"train": [chorale(1)], "valid": [chorale(1, 8)], "test": [chorale(2, 8)]}
    first = jsb.learn(tmp_path, 0.01, TINY, pieces)
    more = jsb.learn(tmp_path, 0.01, TINY, pieces)
    assert more.step > first.step >= 1
    assert more.minutes > first.minutes
    assert len(more.curve) == len(first.curve) + 1
    assert set(more.best) == {"valid", "test", "step", "minutes"}
    with pytest.raises(StudioError, match="another recipe"):
        jsb.learn(tmp_path, 0.01, jsb.Recipe(), pieces)


def test_without_data_the_recipe_says_so(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="no chorales"):
        jsb.chorales(tmp_path)
