"""Writing notes with the composer's network, one by one, for several candidates at once.

The prefix is encoded once and shared by all candidates; of what follows, each keeps keys and values
of its own. Choices are made from numbers that depend on the seed, the candidate and how many notes
it has written, so that equal requests write equal notes.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own name for it

from studio.ai.composer.vocabulary import END_OF_BAR, FEATURES, FIELDS, OFFSETS, SIZES, STYLES
from studio.ai.composer.window import Example
from studio.ai.nets.composer import (
    BEAT,
    DEVIATION,
    LENGTH,
    PITCH,
    PITCHES,
    SLOT,
    SUB,
    VELOCITY,
    Block,
    Composer,
    attend,
)

Classes = npt.NDArray[np.int16]
Features = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

ROOM = 512  # tokens after the prefix, at first
COLDEST = 1e-3
_SLOT_COLUMNS = [1, 2, 4]  # slot, program and role of a descriptor
_NO_CHORD = (OFFSETS["chord root"], OFFSETS["chord quality"])


class Rules(Protocol):
    """What the one who asks knows of a note while it is being written."""

    def allow(self, field: int, row: int, chosen: Sequence[int]) -> Mask | None:
        """Which classes of a field are allowed, after those in `chosen`; None allows all.

        At least one class has to be; those the network itself rules out (slots that are not there,
        drums on a pitched slot) may be allowed or not.
        """

    def place(self, row: int, chosen: Sequence[int]) -> tuple[Sequence[int], float]:
        """Where the note stands, once slot, beat and sub are chosen.

        Returns:
            The features of the chord's root, its quality and the tonic there, and the musical time
            in quarters from the gap.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """One note of each row.

    Attributes:
        fields: Shape [rows, 7]. A slot of END_OF_BAR has -1 behind it, a drum has no length (-1),
            and a row that took no part is -1 throughout.
        likelihood: Log-likelihood of each in nats, as the network says it, before rules,
            temperature and guidance; 0 where nothing was chosen. Shape [rows, 7].
        usual: The mean class of velocity and deviation by what the network says; 0
            elsewhere. Shape [rows, 7].
    """

    fields: Classes
    likelihood: Floats
    usual: Floats


@dataclass(frozen=True, slots=True)
class Sampling:
    """How boldly to choose.

    Attributes:
        temperature, top_p: By field. Temperature 0 takes the likeliest; of the likeliest classes,
            those that hold `top_p` of what is allowed are drawn from.
        guidance: How much more than the music itself style and chords weigh; 1: no more.
    """

    temperature: tuple[float, ...] = (0.9, 0.9, 0.9, 0.9, 0.9, 0.7, 0.7)
    top_p: tuple[float, ...] = (1.0, 0.95, 0.95, 0.92, 0.95, 1.0, 1.0)
    guidance: float = 1.0


_TOLD = np.arange(FEATURES)
for _name in ("root 0", "root 1", "root 2", "root 3", "root next"):
    _TOLD[OFFSETS[_name] :][: SIZES[_name]] = OFFSETS[_name]
    _quality = _name.replace("root", "quality")
    _TOLD[OFFSETS[_quality] :][: SIZES[_quality]] = OFFSETS[_quality]
_TOLD[OFFSETS["degree"] :][: SIZES["degree"]] = 0
_TOLD[OFFSETS["style"] :][: SIZES["style"]] = 0
_NO_STYLE = OFFSETS["style"] + len(STYLES)


def untold(features: Features) -> Features:
    """Rows of features without chords and style, as the network knows them from training."""
    found = _TOLD[features].astype(np.int32)
    style = (features >= OFFSETS["style"]) & (features <= _NO_STYLE)
    found[style & (np.cumsum(style, -1) == 1)] = _NO_STYLE
    return found


class PackedLinear(nn.Module):
    """A linear layer whose weights lie as oneDNN wants them for a few rows: twice as quick."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.bias = linear.bias
        self.weight = torch.ops.mkldnn._reorder_linear_weight(linear.weight.detach().clone(), 4)

    def forward(self, x: Tensor) -> Tensor:
        found = torch.ops.mkldnn._linear_pointwise(x, self.weight, self.bias, "none", [], "")
        return cast(Tensor, found)


def packed(net: Composer) -> Composer:
    """A copy of the network for writing on the CPU; a plain one where oneDNN is not there."""
    net = copy.deepcopy(net).eval().requires_grad_(False)
    if not hasattr(torch.ops.mkldnn, "_reorder_linear_weight"):
        return net
    for module in list(net.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.Linear):
                setattr(module, name, PackedLinear(child))
    return net


class Decoder:
    """Writes with a network. `open`, then `feed` and `note` in turn.

    Args:
        net: In float32; it is copied.
    """

    def __init__(self, net: Composer) -> None:
        self.slot_query = net.slot_query.weight.detach()
        self.net = net = packed(net)
        self.layers = [cast(Block, block) for block in net.blocks]
        self.size = net.config.width // net.config.heads
        scale = self.size**-0.5
        self.levels = [
            torch.cat(
                [(b.level[0] * scale).expand(b.heads, -1), b.level[1].expand(b.heads, -1)]
            ).detach()
            for b in (*self.layers, net.look_again)
        ]

    @torch.inference_mode()
    def open(
        self,
        features: Features,
        beats: Floats,
        slots: Features,
        *,
        rows: int = 1,
        seed: int = 0,
        guided: bool = False,
    ) -> None:
        """Begin anew behind a prefix.

        Args:
            features, beats: The prefix, shapes [p, 24] and [p].
            slots: Descriptors, shape [16, 8].
            rows: Candidates.
            guided: Whether to know, too, what would be written without style and chords; twice the
                work.
        """
        self.rows, self.seed, self.groups = rows, seed, 2 if guided else 1
        several = [features, untold(features)] if guided else [features]
        self.prefix = len(beats)
        self._encode(torch.from_numpy(np.stack(several)), torch.from_numpy(beats))
        self.slots = slots
        self.absent = torch.from_numpy(np.append((slots == 0).all(-1), False))
        keys = self.net.slot_keys(torch.from_numpy(slots)[None])[0]
        self.slot_keys = (keys @ self.slot_query).T.contiguous()
        self.fed = np.zeros(rows, np.int64)
        self.notes = np.zeros(rows, np.int64)
        self.state = torch.zeros(self.groups * rows, self.net.config.width)

    def _encode(self, features: Tensor, beats: Tensor) -> None:
        """Keys and values of the prefix in every layer."""
        net = self.net
        beats = beats.expand(len(features), -1)
        index = torch.arange(self.prefix).expand(beats.shape)
        turn = net.positions(beats, index)
        x = net.tokens(features, beats, index)
        self.far: list[tuple[Tensor, Tensor]] = []
        for block in self.layers:
            query, key, value = block.parts(x, turn)
            self.far.append(_far(key, value))
            x = block.join(x, attend(query, key, value, None))
        self.far.append(_far(*net.look_again.memory(net.norm(x), turn)))
        shape = (len(self.far), self.groups * self.rows * net.config.heads, ROOM, self.size)
        self.near_keys, self.near_values = torch.zeros(shape), torch.zeros(shape)

    @torch.inference_mode()
    def feed(self, features: Features, beats: Floats, *, active: Mask | None = None) -> None:
        """Let the rows see one more token each: a bar, or a note just written.

        Args:
            features, beats: Shapes [rows, 24] and [rows], or [24] and [] for all rows alike.
            active: Rows that see it, shape [rows]; all by default.
        """
        features = np.broadcast_to(features, (self.rows, features.shape[-1]))
        each = [features, untold(features)] if self.groups == 2 else [features]
        tokens = torch.from_numpy(np.concatenate(each))[:, None]
        active = np.ones(self.rows, bool) if active is None else active
        self._make_room()
        time = torch.from_numpy(np.tile(np.broadcast_to(beats, self.rows), self.groups))[:, None]
        order = self._order()
        turn = _both_heads(self.net.positions(time, order))
        x = self.net.tokens(tokens, time, order)[:, 0]
        for layer, block in enumerate(self.layers):
            query = self._remembered(layer, block, x, turn)
            x = block.join(x, self._attended(layer, query, 1))
        x = self.net.norm(x)
        self._memorise(x, turn)
        kept = torch.from_numpy(np.tile(active, self.groups))[:, None]
        self.state = torch.where(kept, x, self.state)
        self.fed += active

    @torch.inference_mode()
    def likelihood(self, answered: Example) -> float:
        """Mean log-likelihood of an example's notes in nats, without loudness and timing."""
        columns = {
            name: torch.from_numpy(np.asarray(getattr(answered, name)))[None]
            for name in ("features", "beats", "target", "target_features", "target_beats", "slots")
        }
        losses = self.net.losses({**columns, "prefix": torch.tensor([answered.prefix])})
        return -float(losses.sums[:VELOCITY].sum() / losses.counts[SLOT].clamp(min=1))

    def _order(self) -> Tensor:
        """Index of the token that comes next in each row, shape [groups * rows, 1]."""
        return torch.from_numpy(np.tile(self.fed + self.prefix, self.groups))[:, None]

    def _make_room(self) -> None:
        if self.fed.max() >= self.near_keys.shape[2]:
            more = torch.zeros_like(self.near_keys)
            self.near_keys = torch.cat((self.near_keys, more), 2)
            self.near_values = torch.cat((self.near_values, more), 2)

    def _remembered(
        self, layer: int, block: Block, x: Tensor, turn: tuple[Tensor, Tensor]
    ) -> Tensor:
        """Store the key and value of each row's token; its query, shape [rows, heads, size]."""
        mixed = block.inward(block.norm(x)).view(len(x), 3 * block.heads, self.size)
        both = self._turned(layer, mixed[:, : 2 * block.heads], turn)
        self._store(layer, both[:, block.heads :], mixed[:, 2 * block.heads :])
        return both[:, : block.heads]

    def _memorise(self, x: Tensor, turn: tuple[Tensor, Tensor]) -> None:
        """Store what the last layer will look at again."""
        again = self.net.look_again
        heads = again.heads
        mixed = again.seen(again.seen_norm(x)).view(len(x), 2 * heads, self.size)
        key = self._turned(-1, mixed[:, :heads], turn, heads)
        self._store(-1, key, mixed[:, heads:])

    def _turned(
        self, layer: int, heads: Tensor, turn: tuple[Tensor, Tensor], first: int = 0
    ) -> Tensor:
        """Queries and keys as `Block.levelled` makes them, in one go; queries scaled as well."""
        levels = self.levels[layer][first : first + heads.shape[1]]
        even = F.layer_norm(heads, (self.size,)) * levels
        if not self.net.config.relative:
            return even
        halves = even.view(*even.shape[:2], 2, self.size // 2)
        return (halves * turn[0]).add_(halves.flip(2) * turn[1]).flatten(2)

    def _store(self, layer: int, key: Tensor, value: Tensor) -> None:
        heads = key.shape[1]
        if (self.fed == self.fed[0]).all():
            at = int(self.fed[0])
            self.near_keys[layer, :, at] = key.reshape(-1, self.size)
            self.near_values[layer, :, at] = value.reshape(-1, self.size)
            return
        each = torch.from_numpy(np.repeat(np.tile(self.fed, self.groups), heads))
        row = torch.arange(len(each))
        self.near_keys[layer][row, each] = key.reshape(-1, self.size)
        self.near_values[layer][row, each] = value.reshape(-1, self.size)

    def _attended(self, layer: int, query: Tensor, fresh: int) -> Tensor:
        """What queries of shape [groups * rows, heads, size] attend to; shape [..., width].

        Args:
            fresh: How many tokens more than `fed` are stored.
        """
        heads, rows, groups = query.shape[1], self.rows, self.groups
        until = int(self.fed.max()) + fresh
        key, value = self.near_keys[layer, :, :until], self.near_values[layer, :, :until]
        near = torch.bmm(query.reshape(-1, 1, self.size), key.transpose(1, 2))
        far_key, far_value = self.far[layer]
        apart = query.view(groups, rows, heads, self.size).transpose(1, 2)
        far = torch.bmm(apart.reshape(groups * heads, rows, self.size), far_key)
        far = far.view(groups, heads, rows, -1).transpose(1, 2).reshape(len(near), 1, -1)
        logits = torch.cat((far, near), 2)
        if not (self.fed == self.fed[0]).all():
            seen = np.arange(until) < np.tile(self.fed + fresh, groups)[:, None]
            hidden = torch.from_numpy(np.repeat(~seen, heads, 0))[:, None]
            logits[..., self.prefix :].masked_fill_(hidden, -torch.inf)
        weight = logits.softmax(2)
        found = torch.bmm(weight[..., self.prefix :], value).view(groups, rows, heads, -1)
        shared = weight[..., : self.prefix].view(groups, rows, heads, -1).transpose(1, 2)
        more = torch.bmm(shared.reshape(groups * heads, rows, -1), far_value)
        found = found + more.view(groups, heads, rows, -1).transpose(1, 2)
        return found.reshape(len(query), -1)

    @torch.inference_mode()
    def keep(self, row: int) -> None:
        """Let every row go on from what `row` has seen and written."""
        picked = np.repeat(np.arange(self.groups) * self.rows + row, self.rows)
        heads, until = self.net.config.heads, int(self.fed[row])
        at = torch.from_numpy((picked[:, None] * heads + np.arange(heads)).ravel())
        for cache in (self.near_keys, self.near_values):
            cache[:, :, :until] = cache[:, at, :until]
        self.state = self.state[torch.from_numpy(picked)]
        self.fed[:] = self.fed[row]
        self.notes[:] = self.notes[row]

    @torch.inference_mode()
    def note(
        self,
        rules: Rules,
        sampling: Sampling | None = None,
        *,
        active: Mask | None = None,
        given: Classes | None = None,
    ) -> Written:
        """Choose the next note of each row, or the end of its bar.

        Args:
            active: Rows that write, shape [rows]; all by default. The others stay as they are.
            given: Classes that are not chosen but known, shape [rows, 7]; -1 where not.
        """
        active = np.ones(self.rows, bool) if active is None else active
        writing = Writing(self, rules, sampling or Sampling(), active, given)
        written = writing.note()
        self.notes += active
        return written


class Writing:
    """One note of every row, on its way from slot to deviation."""

    def __init__(
        self,
        decoder: Decoder,
        rules: Rules,
        sampling: Sampling,
        active: Mask,
        given: Classes | None,
    ) -> None:
        self.decoder, self.rules, self.sampling = decoder, rules, sampling
        self.active, self.given = active.copy(), given
        self.fields: Classes = np.full((decoder.rows, len(FIELDS)), -1, np.int16)
        self.likelihood: Floats = np.zeros((decoder.rows, len(FIELDS)), np.float32)
        self.usual: Floats = np.zeros((decoder.rows, len(FIELDS)), np.float32)
        self.noise = np.stack(
            [_noise(decoder.seed, row, int(n)) for row, n in enumerate(decoder.notes)]
        )

    def note(self) -> Written:
        decoder, net = self.decoder, self.decoder.net
        x = decoder.state
        self.choose(SLOT, (x @ decoder.slot_keys).masked_fill(decoder.absent, -torch.inf))
        self.active &= self.fields[:, SLOT] != END_OF_BAR
        if not self.active.any():
            return Written(self.fields, self.likelihood, self.usual)
        told = np.zeros((decoder.groups, decoder.rows, 6), np.int32)
        told[:, :, :3] = decoder.slots[self.classes(SLOT) % END_OF_BAR][:, _SLOT_COLUMNS]
        x = x + net.learnt(torch.from_numpy(told[..., :3].reshape(-1, 3)))
        for field in (BEAT, SUB):
            self.choose(field, net.heads[FIELDS[field]](x))
            x = x + self.chosen(field)
        places = self.places(told)
        x = self.looked_again(
            x + net.learnt(torch.from_numpy(told[..., 3:].reshape(-1, 3))), places
        )
        self.choose(PITCH, net.pitch_logits(x, torch.from_numpy(told.reshape(-1, 6))))
        pitched = self.active & (self.fields[:, PITCH] < PITCHES)
        for field, rows in ((LENGTH, pitched), (VELOCITY, self.active), (DEVIATION, self.active)):
            x = x + self.chosen(field - 1)
            if rows.any():
                self.choose(field, net.heads[FIELDS[field]](x), rows)
        return Written(self.fields, self.likelihood, self.usual)

    def classes(self, field: int) -> npt.NDArray[np.int64]:
        """What was chosen, shape [rows]; 0 for rows that write nothing."""
        return np.where(self.active, self.fields[:, field], 0).astype(np.int64)

    def chosen(self, field: int) -> Tensor:
        """What is learnt of the note by its class, shape [groups * rows, width]."""
        classes = np.tile(self.fields[:, field].astype(np.int64), self.decoder.groups)
        return self.decoder.net.chosen(field, torch.from_numpy(classes))

    def places(self, told: Features) -> Tensor:
        """Fill in the harmony at each note; their musical time, shape [groups * rows, 1]."""
        time = np.zeros(self.decoder.rows, np.float32)
        for row in np.flatnonzero(self.active):
            harmony, time[row] = self.rules.place(int(row), self.fields[row, :PITCH].tolist())
            told[:, row, 3:] = harmony
        if self.decoder.groups == 2:
            told[1, :, 3:5] = _NO_CHORD
        return torch.from_numpy(np.tile(time, self.decoder.groups))[:, None]

    def looked_again(self, x: Tensor, places: Tensor) -> Tensor:
        """The last layer, from the place of the note."""
        decoder, again = self.decoder, self.decoder.net.look_again
        order = decoder._order()
        turn = _both_heads(decoder.net.positions(places, order))
        x = decoder.net.placed(x[:, None], places, order)[:, 0]
        heads = again.inward(again.norm(x)).view(len(x), again.heads, decoder.size)
        query = decoder._turned(-1, heads, turn)
        return again.join(x, decoder._attended(-1, query, 0))

    def choose(self, field: int, logits: Tensor, rows: Mask | None = None) -> None:
        """Choose a class of the field for each of the rows that write."""
        rows = self.active if rows is None else rows
        told = logits.numpy().reshape(self.decoder.groups, self.decoder.rows, -1).astype(np.float64)
        plain = _log_softmax(told[0])
        guided = plain
        if self.decoder.groups == 2:
            free = _log_softmax(told[1])
            with np.errstate(invalid="ignore"):
                guided = free + self.sampling.guidance * (plain - free)
            guided = np.where(np.isfinite(plain), guided, -np.inf)
        at = np.flatnonzero(rows)
        if field in (VELOCITY, DEVIATION):
            self.usual[at, field] = np.exp(plain[at]) @ np.arange(plain.shape[1])
        picked = self.picked(field, at, guided[at])
        self.fields[at, field] = picked
        self.likelihood[at, field] = plain[at, picked]

    def picked(
        self, field: int, rows: npt.NDArray[np.int64], logits: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.int64]:
        """A class for each of the rows, from log-likelihoods of shape [rows, classes]."""
        known = np.full(len(rows), -1) if self.given is None else self.given[rows, field]
        if (known >= 0).all():
            return known.astype(np.int64)
        for i in np.flatnonzero(known < 0):
            allowed = self.rules.allow(field, int(rows[i]), self.fields[rows[i], :field].tolist())
            if allowed is not None:
                logits[i][~allowed] = -np.inf
        logits[known >= 0] = 0.0  # whatever is picked there is not used
        temperature, top_p = self.sampling.temperature[field], self.sampling.top_p[field]
        found = pick(logits, self.noise[rows, field], temperature, top_p)
        return np.where(known >= 0, known, found)


def pick(
    logits: npt.NDArray[np.float64],
    noise: npt.NDArray[np.float64],
    temperature: float,
    top_p: float = 1.0,
) -> npt.NDArray[np.int64]:
    """A class of each row, drawn from the likeliest ones that hold `top_p` of what is allowed.

    Args:
        logits: Shape [rows, classes]; minus infinity is never drawn.
        noise: In [0, 1), shape [rows].
        temperature: Below `COLDEST` the likeliest is taken.

    Raises:
        ValueError: A row allows no class.
    """
    best = logits.max(1, keepdims=True)
    if not np.isfinite(best).all():
        raise ValueError("no class is allowed")
    if temperature < COLDEST:
        coldest: npt.NDArray[np.int64] = logits.argmax(1)
        return coldest
    weight = np.exp((logits - best) / temperature)
    order = np.argsort(-weight, axis=1, kind="stable")
    total = np.cumsum(np.take_along_axis(weight, order, 1), 1)
    last = (total < top_p * total[:, -1:]).sum(1)
    last = np.minimum(last, np.count_nonzero(weight, axis=1) - 1)
    rows = np.arange(len(logits))
    place = (total <= (noise * total[rows, last])[:, None]).sum(1)
    found: npt.NDArray[np.int64] = order[rows, np.minimum(place, last)]
    return found


def _noise(seed: int, row: int, note: int) -> npt.NDArray[np.float64]:
    """Numbers in [0, 1) for the fields of one note, by the counters alone (Salmon et al. 2011)."""
    bits = np.random.Philox(key=seed % 2**64, counter=[0, note, row, 0])
    return np.random.Generator(bits).random(len(FIELDS))


def _log_softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    high = logits.max(-1, keepdims=True)
    found: npt.NDArray[np.float64] = logits - high
    found -= np.log(np.exp(found).sum(-1, keepdims=True))
    return found


def _far(key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
    """Keys [groups * heads, size, p] and values [groups * heads, p, size], as they are used."""
    groups, tokens, heads, size = key.shape
    across = key.permute(0, 2, 3, 1).reshape(groups * heads, size, tokens)
    return across.contiguous(), value.transpose(1, 2).reshape(-1, tokens, size).contiguous()


def _both_heads(turn: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """Cosine and signed sine for both halves of a head, shape [rows, 1, 2, size / 2]."""
    cosine, sine = turn[0][:, 0], turn[1][:, 0]
    signed = torch.stack((-sine, sine), 1)
    return torch.stack((cosine, cosine), 1)[:, None], signed[:, None]
