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
    return jsb.tokens_of(rng.integers(48, 76, (sixteenths, 4)))


def test_rests_and_pitches_have_tokens_of_their_own() -> None:
    found = jsb.tokens_of(np.array([[81, 70, -1, 36]]))
    assert found.tolist() == [45, 34, jsb.REST, 0]


@pytest.mark.parametrize("relative", [True, False])
def test_no_token_sees_what_follows_it(relative: bool) -> None:
    torch.manual_seed(1)
    net = jsb.Chorales(jsb.Recipe(width=24, layers=2, heads=2, relative=relative)).eval()
    before = torch.from_numpy(np.concatenate(([jsb.START], chorale(1))))[None]
    place = torch.arange(before.shape[1])[None]
    changed = before.clone()
    changed[0, 50:] = 3
    with torch.no_grad():
        ahead, behind = net(before, place), net(changed, place)
    torch.testing.assert_close(ahead[:, :50], behind[:, :50])
    assert not torch.allclose(ahead[:, 50:], behind[:, 50:])


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
    targets = first[2]
    assert int(targets.max()) < jsb.CLASSES
    assert torch.equal(first[0][:, 1:160], targets[:, :159])


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
