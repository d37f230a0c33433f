"""Notes written one by one by a small network of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from studio.ai.composer.piece import Piece
from studio.ai.composer.vocabulary import CLASSES, END_OF_BAR, OFFSETS
from studio.ai.composer.window import TOLD, Example, Hidden, Opening, example, lane
from studio.ai.nets.composer import PITCH, SLOT, Composer, ComposerConfig
from studio.ai.nets.composer_decode import Decoder, Sampling, Written, pick, untold
from studio.ai.training.composer.examples import padded
from tests.ai.nets.toy import band

SMALL = ComposerConfig(width=64, layers=3, heads=2)
COOL = Sampling(temperature=(0.0,) * 7)


def _net(relative: bool = True, seed: int = 0) -> Composer:
    torch.manual_seed(seed)
    net = Composer(ComposerConfig(SMALL.width, SMALL.layers, SMALL.heads, relative))
    for parameter in net.parameters():  # far from the even start, where all is equally likely
        torch.nn.init.normal_(parameter, std=0.2)
    with torch.no_grad():
        net.embedding.weight[0].zero_()
        net.known.weight[0].zero_()
    return net.eval().requires_grad_(False)


def _opening(piece: Piece, first: int = 2, last: int = 5) -> Opening:
    kept = np.zeros(len(piece.notes), bool)
    return Opening(first, last, tuple(range(len(piece.parts))), kept)


def _example(seed: int = 3, hidden: Hidden = TOLD) -> Example:
    piece = band(seed)
    opening = _opening(piece)
    return example(piece, opening, lane(piece, opening, (2, 0, 1)), 400, hidden)


class FromExample:
    """Places from an example, one after another; everything is allowed but what is forbidden."""

    def __init__(
        self, found: Example, at: int = 0, forbidden: dict[int, int] | None = None
    ) -> None:
        self.found, self.at, self.forbidden = found, at, forbidden or {}

    def allow(self, field: int, row: int, chosen: Sequence[int]) -> np.ndarray | None:
        if field not in self.forbidden:
            return None
        allowed = np.ones(CLASSES[field], bool)
        allowed[self.forbidden[field]] = False
        return allowed

    def place(self, row: int, chosen: Sequence[int]) -> tuple[Sequence[int], float]:
        told = self.found.target_features[self.at, 3:].tolist()
        return told, float(self.found.target_beats[self.at])


class Free(FromExample):
    """Rules without a place that is known before."""

    def place(self, row: int, chosen: Sequence[int]) -> tuple[Sequence[int], float]:
        told = (OFFSETS["chord root"] + 1, OFFSETS["chord quality"] + 1, OFFSETS["tonic"] + 1)
        return told, chosen[1] + chosen[2] / 24


def _opened(net: Composer, found: Example, **about: int | bool) -> Decoder:
    decoder = Decoder(net)
    at = found.prefix
    decoder.open(found.features[:at], found.beats[:at], found.slots, **about)  # type: ignore[arg-type]
    return decoder


def _forced(net: Composer, found: Example, **about: int | bool) -> list[Written]:
    """What the decoder says of the example's own notes."""
    decoder = _opened(net, found, **about)
    told = []
    for at in range(found.prefix, len(found)):
        decoder.feed(found.features[at], found.beats[at])
        given = np.broadcast_to(found.target[at], (decoder.rows, 7))
        told.append(decoder.note(FromExample(found, at), given=given))
    return told


def _losses(net: Composer, found: Example) -> np.ndarray:
    batch = {name: torch.from_numpy(np.array(v)) for name, v in padded([found]).items()}
    return net.losses(batch).sums.numpy()


@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("rows", [1, 3])
def test_the_decoder_says_what_the_whole_network_says(relative: bool, rows: int) -> None:
    net, found = _net(relative), _example()
    told = _forced(net, found, rows=rows)
    for row in range(rows):
        likelihood = np.sum([one.likelihood[row] for one in told], 0)
        np.testing.assert_allclose(-likelihood, _losses(net, found), rtol=1e-5, atol=1e-4)


def test_each_single_likelihood_is_that_of_the_whole_network() -> None:
    net, found = _net(), _example()
    told = _forced(net, found)
    for step in (0, 5, len(told) - 1):
        only = padded([found])
        keep = only["target"].copy()
        keep[:] = -1
        keep[:, found.prefix + step] = only["target"][:, found.prefix + step]
        batch = {k: torch.from_numpy(np.array(v)) for k, v in {**only, "target": keep}.items()}
        sums = net.losses(batch).sums.numpy()
        np.testing.assert_allclose(-told[step].likelihood[0], sums, rtol=1e-4, atol=1e-4)


def _write(decoder: Decoder, found: Example, notes: int, sampling: Sampling) -> list[np.ndarray]:
    """Notes that follow the first bar, each fed back as the network sees a note."""
    decoder.feed(found.features[found.prefix], found.beats[found.prefix])
    written = []
    for _ in range(notes):
        one = decoder.note(Free(found), sampling)
        written.append(one.fields)
        rows = np.zeros((decoder.rows, 24), np.int32)
        rows[:, 0] = OFFSETS["kind"] + 3
        rows[:, 1] = OFFSETS["slot"] + one.fields[:, 0] % END_OF_BAR
        rows[:, 2] = OFFSETS["pitch"] + np.maximum(one.fields[:, PITCH], 0) % 128
        decoder.feed(rows, np.zeros(decoder.rows, np.float32))
    return written


def test_equal_seeds_write_equal_notes_and_others_do_not() -> None:
    net, found = _net(), _example()
    runs = [
        np.stack(_write(_opened(net, found, rows=2, seed=seed), found, 12, Sampling()))
        for seed in (7, 7, 8)
    ]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert (runs[0] != runs[2]).any()
    assert (runs[0][:, 0] != runs[0][:, 1]).any()


def test_a_candidate_does_not_depend_on_those_beside_it() -> None:
    net, found = _net(), _example()
    alone = np.stack(_write(_opened(net, found, rows=1, seed=4), found, 12, Sampling()))
    beside = np.stack(_write(_opened(net, found, rows=3, seed=4), found, 12, Sampling()))
    np.testing.assert_array_equal(alone[:, 0], beside[:, 0])


def test_a_forbidden_class_is_never_written() -> None:
    net, found = _net(), _example()
    decoder = _opened(net, found, rows=4)
    bold = Sampling(temperature=(3.0,) * 7, top_p=(1.0,) * 7)
    for _ in range(12):
        decoder.feed(found.features[found.prefix], found.beats[found.prefix])
        wishes = decoder.note(Free(found, forbidden={SLOT: END_OF_BAR, 2: 0}), bold)
        assert (wishes.fields[:, SLOT] != END_OF_BAR).all()
        assert (wishes.fields[:, 2] != 0).all()
        assert (wishes.fields[:, SLOT] < 3).all()  # the toy has three slots


def test_drums_are_hit_on_the_kit_and_have_no_length() -> None:
    net, found = _net(), _example()
    decoder = _opened(net, found, rows=4)
    bold = Sampling(temperature=(3.0,) * 7, top_p=(1.0,) * 7)
    drums = found.slots[:, 2] == OFFSETS["program"] + 128
    for _ in range(12):
        decoder.feed(found.features[found.prefix], found.beats[found.prefix])
        fields = decoder.note(Free(found, forbidden={SLOT: END_OF_BAR}), bold).fields
        kit = drums[fields[:, SLOT]]
        np.testing.assert_array_equal(fields[:, PITCH] >= 128, kit)
        np.testing.assert_array_equal(fields[:, 4] == -1, kit)
        assert (fields[:, 5:] >= 0).all()


def test_a_row_that_rests_goes_on_where_it_was() -> None:
    net, found = _net(), _example()
    at, rules = found.prefix, Free(found)
    alone = _opened(net, found, rows=2)
    alone.feed(found.features[at], found.beats[at])
    alone.feed(found.features[at + 1], found.beats[at + 1])
    wanted = alone.note(rules, COOL)
    rested = _opened(net, found, rows=2)
    rested.feed(found.features[at], found.beats[at])
    second = np.array([False, True])
    rested.feed(found.features[at + 1], found.beats[at + 1], active=second)
    part = rested.note(rules, COOL, active=second)
    assert (part.fields[0] == -1).all()
    np.testing.assert_array_equal(part.fields[1], wanted.fields[1])
    np.testing.assert_allclose(part.likelihood[1], wanted.likelihood[1], atol=1e-4)
    rested.feed(found.features[at + 1], found.beats[at + 1], active=~second)
    caught_up = rested.note(rules, COOL)
    np.testing.assert_allclose(caught_up.likelihood, wanted.likelihood, atol=1e-4)


def test_the_kept_row_is_what_all_rows_go_on_from() -> None:
    net, found = _net(), _example()
    at = found.prefix
    decoder = _opened(net, found, rows=3, guided=True)
    several = np.stack([found.features[at + i] for i in (0, 1, 2)])
    decoder.feed(found.features[at], found.beats[at])
    decoder.feed(several, found.beats[at : at + 3])
    before = decoder.note(Free(found), COOL)
    decoder.keep(1)
    after = decoder.note(Free(found), COOL)
    for row in range(3):
        np.testing.assert_array_equal(after.fields[row], before.fields[1])
        np.testing.assert_allclose(after.likelihood[row], before.likelihood[1], atol=1e-4)


def test_guidance_of_one_changes_nothing_and_more_does() -> None:
    net, found = _net(), _example()
    guided = [Sampling(guidance=weight) for weight in (1.0, 4.0)]
    plain = np.stack(_write(_opened(net, found, rows=2), found, 12, Sampling()))
    same, other = (
        np.stack(_write(_opened(net, found, rows=2, guided=True), found, 12, one)) for one in guided
    )
    np.testing.assert_array_equal(plain, same)
    assert (plain != other).any()


def test_what_is_untold_is_what_training_hides() -> None:
    hidden = _example(hidden=Hidden(style=True, chords=True))
    np.testing.assert_array_equal(untold(_example().features), hidden.features)


def test_there_is_room_for_more_notes_than_at_first() -> None:
    net, found = _net(), _example()
    decoder = _opened(net, found)
    for _ in range(600):
        decoder.feed(found.features[found.prefix], found.beats[found.prefix])
    assert np.isfinite(decoder.note(Free(found), COOL).likelihood).all()


@given(
    st.lists(st.floats(-20, 20), min_size=1, max_size=40),
    st.floats(0, 1, exclude_max=True),
    st.floats(0, 3),
    st.floats(0.05, 1),
    st.data(),
)
def test_only_allowed_classes_are_picked(
    logits: list[float], noise: float, temperature: float, top_p: float, data: st.DataObject
) -> None:
    size = len(logits)
    allowed = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    masked = np.where(allowed, logits, -np.inf)[None]
    if not allowed.any():
        with pytest.raises(ValueError, match="no class"):
            pick(masked, np.array([noise]), temperature, top_p)
    else:
        assert allowed[pick(masked, np.array([noise]), temperature, top_p)].all()


def test_classes_are_picked_as_often_as_they_are_likely() -> None:
    logits = np.broadcast_to(np.log(np.array([0.5, 0.3, 0.15, 0.05])), (10000, 4))
    noise = (np.arange(10000) + 0.5) / 10000
    counts = np.bincount(pick(logits, noise, 1.0), minlength=4)
    np.testing.assert_allclose(counts / 10000, np.exp(logits[0]), atol=2e-4)
    few = np.bincount(pick(logits, noise, 1.0, 0.75), minlength=4)
    np.testing.assert_allclose(few / 10000, [0.625, 0.375, 0, 0], atol=2e-4)


def test_an_answer_is_as_likely_as_in_training() -> None:
    net, found = _net(), _example()
    losses = net.losses({k: torch.from_numpy(v) for k, v in padded([found]).items()})
    expected = -float(losses.sums[:5].sum() / losses.counts[0])
    assert Decoder(net).likelihood(found) == pytest.approx(expected, rel=1e-4)


def test_what_is_usual_lies_between_the_classes() -> None:
    found = _example()
    decoder = Decoder(_net())
    decoder.open(found.features[: found.prefix], found.beats[: found.prefix], found.slots, rows=2)
    decoder.feed(found.features[found.prefix], found.beats[found.prefix])
    at = FromExample(found, found.prefix)
    written = decoder.note(at, COOL)
    for field in (5, 6):
        assert (written.usual[:, field] > 0).all()
        assert (written.usual[:, field] < CLASSES[field] - 1).all()
    assert not written.usual[:, :5].any()
