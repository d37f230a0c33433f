"""The composer's network: a prefix language model whose tokens are notes, bars and tracks.

A token is the sum of what was learnt of its features (`studio.ai.composer.vocabulary`). Attention
is turned by rotary positions (Su et al. 2021, "RoFormer"): half of each head by musical time, half
by order. The tokens of the prefix see each other both ways; those after it see the prefix and what
came before them (Raffel et al. 2020, "prefix LM"). The fields of a note are told one after another;
once its place is known the last layer looks again, from that place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own name for it

from studio.ai.composer.vocabulary import CLASSES, FEATURES, FIELDS, OFFSETS

SHORTEST_PERIOD, LONGEST_PERIOD = 0.25, 512.0  # quarters
SHORTEST_ORDER, LONGEST_ORDER = 4.0, 8192.0  # tokens
PITCHES = 128  # and as many drums after them

SLOT, BEAT, SUB, PITCH, LENGTH, VELOCITY, DEVIATION = range(len(FIELDS))
_DRUM_KIT = OFFSETS["program"] + 128


@dataclass(frozen=True, slots=True)
class ComposerConfig:
    """The shape of a network.

    Attributes:
        layers: Of attention, the one that looks again counted in; at least 2.
        heads: Divides `width` into even quarters.
        relative: Whether attention is turned by musical time and order; otherwise both are added
            to the tokens as sinusoids, the plain way (Vaswani et al. 2017).
    """

    width: int = 320
    layers: int = 8
    heads: int = 5
    relative: bool = True


@dataclass(frozen=True, slots=True)
class Losses:
    """Negative log-likelihood in nats, by field.

    Attributes:
        sums: Float32, shape [7].
        counts: Classes that bore loss, float32, shape [7].
        tokens: Positions that bore any loss, float32, shape [].
    """

    sums: Tensor
    counts: Tensor
    tokens: Tensor

    def mean(self) -> Tensor:
        """Nats a position, all fields together: what training lowers."""
        return self.sums.sum() / self.tokens.clamp(min=1)


def _periods(shortest: float, longest: float, count: int) -> Tensor:
    return shortest * (longest / shortest) ** (torch.arange(count) / max(count - 1, 1))


class Positions(nn.Module):
    """Angles of musical time and order for every token."""

    time: Tensor
    order: Tensor

    def __init__(self, pairs: int) -> None:
        super().__init__()
        half = pairs // 2
        time = 2 * math.pi / _periods(SHORTEST_PERIOD, LONGEST_PERIOD, half)
        order = 2 * math.pi / _periods(SHORTEST_ORDER, LONGEST_ORDER, pairs - half)
        self.register_buffer("time", time, persistent=False)
        self.register_buffer("order", order, persistent=False)

    def forward(self, beats: Tensor, index: Tensor) -> tuple[Tensor, Tensor]:
        """Cosine and sine of the angles, float32, shape [..., pairs].

        Args:
            beats: Musical time in quarters, float32, shape [...].
            index: Order of the tokens, shape [...].
        """
        angles = torch.cat(
            (beats[..., None] * self.time, index[..., None].to(self.order.dtype) * self.order), -1
        )
        return angles.cos(), angles.sin()


def turned(heads: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    """Heads of shape [b, n, heads, size] turned by cosine and sine of shape [b, n, size / 2]."""
    cosine, sine = turn[0][:, :, None].to(heads.dtype), turn[1][:, :, None].to(heads.dtype)
    first, second = heads.chunk(2, -1)
    return torch.cat((first * cosine - second * sine, first * sine + second * cosine), -1)


class FeedForward(nn.Module):
    """Gated hidden units (Shazeer 2020, "SwiGLU")."""

    def __init__(self, width: int) -> None:
        super().__init__()
        hidden = (width * 8 // 3 + 31) // 32 * 32
        self.norm = nn.LayerNorm(width, bias=False)
        self.inward = nn.Linear(width, 2 * hidden, bias=False)
        self.outward = nn.Linear(hidden, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        gate, value = self.inward(self.norm(x)).chunk(2, -1)
        return x + cast(Tensor, self.outward(F.silu(gate) * value))


class Block(nn.Module):
    """Attention, then hidden units, each before its own norm.

    Its halves are there one by one, because decoding keeps keys and values between them.
    """

    def __init__(self, config: ComposerConfig) -> None:
        super().__init__()
        width = config.width
        self.heads, self.size = config.heads, width // config.heads
        self.relative = config.relative
        self.norm = nn.LayerNorm(width, bias=False)
        self.inward = nn.Linear(width, 3 * width, bias=False)
        self.level = nn.Parameter(torch.ones(2, 1, self.size))
        self.outward = nn.Linear(width, width, bias=False)
        self.hidden = FeedForward(width)

    def levelled(self, heads: Tensor, turn: tuple[Tensor, Tensor], which: int) -> Tensor:
        """Queries (0) or keys (1) brought to one size, then turned; shape [b, n, heads, size]."""
        even = F.layer_norm(heads, (self.size,)) * self.level[which].to(heads.dtype)
        return turned(even, turn) if self.relative else even

    def parts(self, x: Tensor, turn: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values, each of shape [b, n, heads, size]."""
        shape = (*x.shape[:2], 3 * self.heads, self.size)
        mixed = self.inward(self.norm(x)).view(shape)
        query, key, value = mixed.split(self.heads, 2)
        return self.levelled(query, turn, 0), self.levelled(key, turn, 1), value

    def join(self, x: Tensor, attended: Tensor) -> Tensor:
        """What was attended, shape [b, n, width], brought into `x`."""
        return cast(Tensor, self.hidden(x + self.outward(attended)))

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor], mask: Tensor) -> Tensor:
        return self.join(x, attend(*self.parts(x, turn), mask))


class LookAgain(Block):
    """A layer whose queries come from elsewhere than its keys."""

    def __init__(self, config: ComposerConfig) -> None:
        super().__init__(config)
        self.inward = nn.Linear(config.width, config.width, bias=False)
        self.seen_norm = nn.LayerNorm(config.width, bias=False)
        self.seen = nn.Linear(config.width, 2 * config.width, bias=False)

    def query(self, x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
        """Shape [b, n, heads, size]."""
        heads = self.inward(self.norm(x)).view(*x.shape[:2], self.heads, self.size)
        return self.levelled(heads, turn, 0)

    def memory(self, x: Tensor, turn: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """Keys and values, each of shape [b, n, heads, size]."""
        mixed = self.seen(self.seen_norm(x)).view(*x.shape[:2], 2 * self.heads, self.size)
        key, value = mixed.split(self.heads, 2)
        return self.levelled(key, turn, 1), value


def attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
    """Attention of shape [b, n, width] from parts of shape [b, n, heads, size].

    Args:
        mask: Added to the logits, shape [b, 1, queries, keys]; None: all see all.
    """
    if mask is not None:
        mask = mask.to(value.dtype)
    if query.dtype != value.dtype:
        query, key = query.to(value.dtype), key.to(value.dtype)
    parts = query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2)
    if mask is not None and value.dtype == torch.bfloat16 and value.device.type == "cpu":
        heads = _attend_by_products(*parts, mask)
    else:
        heads = F.scaled_dot_product_attention(*parts, mask)
    return heads.transpose(1, 2).flatten(2)


def _attend_by_products(query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
    """The attention of torch in three steps: twice as quick in bfloat16 on a processor."""
    logits = query * (1 / math.sqrt(query.shape[-1])) @ key.transpose(-1, -2) + mask
    return torch.softmax(logits, -1) @ value


class Head(nn.Module):
    """From what is known so far to the logits of one field."""

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, bias=False)
        self.hidden = nn.Linear(width, width)
        self.logits = nn.Linear(width, classes)

    def raise_up(self, x: Tensor) -> Tensor:
        return F.gelu(self.hidden(self.norm(x)), approximate="tanh")

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.logits(self.raise_up(x)))


class PitchHead(Head):
    """Logits of 128 pitches and 128 drums; a pitch is also told by its degrees.

    Besides a logit of its own, a pitch has that of its degree above the chord's root and that of
    its degree above the tonic, so that what is learnt in one key holds in all.
    """

    degree: Tensor

    def __init__(self, width: int) -> None:
        super().__init__(width, 2 * PITCHES)
        self.degrees = nn.Linear(width, 24)
        above = (torch.arange(PITCHES)[None] - torch.arange(-1, 12)[:, None]) % 12
        above[0] = 12  # no root is known: the column that says nothing
        self.register_buffer("degree", above, persistent=False)

    def told(self, x: Tensor, root: Tensor, tonic: Tensor) -> Tensor:
        """Logits of shape [n, 256] for roots and tonics of shape [n] (0: none, 1: C)."""
        x = self.raise_up(x)
        logits: Tensor = self.logits(x).float()
        chord, scale = self.degrees(x).float().chunk(2, -1)
        more = F.pad(chord, (0, 1)).gather(1, self.degree[root])
        more = more + F.pad(scale, (0, 1)).gather(1, self.degree[tonic])
        return logits + F.pad(more, (0, PITCHES))


class Composer(nn.Module):
    """The whole network. See the module for what it is; batches are told in `losses`."""

    def __init__(self, config: ComposerConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or ComposerConfig()
        width = config.width
        self.embedding = nn.EmbeddingBag(FEATURES, width, mode="sum", padding_idx=0)
        self.known = nn.EmbeddingBag(FEATURES, width, mode="sum", padding_idx=0)
        self.positions = Positions(width // config.heads // 2)
        self.places = Positions(width // 2)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers - 1))
        self.norm = nn.LayerNorm(width, bias=False)
        self.slot_query = nn.Linear(width, width, bias=False)
        self.slot_key = nn.Linear(width, width, bias=False)
        self.end_of_bar = nn.Parameter(torch.zeros(width))
        self.look_again = LookAgain(config)
        plain = (BEAT, SUB, LENGTH, VELOCITY, DEVIATION)
        self.heads = nn.ModuleDict({FIELDS[f]: Head(width, CLASSES[f]) for f in plain})
        self.pitch = PitchHead(width)
        self._begin()

    def _begin(self) -> None:
        """Small random weights; smaller yet where a layer adds to the stream."""
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                outward = name.endswith("outward.weight")
                spread = 0.03 / math.sqrt(2 * self.config.layers) if outward else 0.03
                nn.init.normal_(parameter, std=spread)
        for table in (self.embedding, self.known):
            nn.init.normal_(table.weight, std=0.05)
            with torch.no_grad():
                table.weight[0].zero_()

    # What is known of a token, and where it stands.

    def summed(self, features: Tensor, table: nn.EmbeddingBag) -> Tensor:
        """Features of shape [..., k] to the sum of their rows, shape [..., width]."""
        flat = table(features.reshape(-1, features.shape[-1]))
        return cast(Tensor, flat.view(*features.shape[:-1], -1))

    def tokens(self, features: Tensor, beats: Tensor, index: Tensor) -> Tensor:
        """The stream before the first layer, shape [b, n, width]."""
        return self.placed(self.summed(features, self.embedding), beats, index)

    def placed(self, x: Tensor, beats: Tensor, index: Tensor) -> Tensor:
        """`x`, with its place added where attention is not turned by it."""
        if self.config.relative:
            return x
        return x + torch.cat(self.places(beats, index), -1) * 0.1

    def encoded(self, features: Tensor, beats: Tensor, mask: Tensor) -> Tensor:
        """The stream after the layers that see each token once, shape [b, n, width]."""
        index = torch.arange(beats.shape[1], device=beats.device).expand(beats.shape)
        turn = self.positions(beats, index)
        x = self.tokens(features, beats, index)
        for block in self.blocks:
            x = block(x, turn, mask)
        return cast(Tensor, self.norm(x))

    # The fields, one after another.

    def slot_logits(self, x: Tensor, slots: Tensor) -> Tensor:
        """Logits of shape [b, n, 17] over slots and the end of the bar.

        Args:
            x: Encoded tokens, shape [b, n, width].
            slots: Features of each slot's descriptor, shape [b, 16, 8]; zeros where there is none.
        """
        logits: Tensor = (self.slot_query(x) @ self.slot_keys(slots).transpose(1, 2)).float()
        absent = F.pad((slots == 0).all(-1), (0, 1))[:, None]
        return logits.masked_fill(absent, -math.inf)

    def slot_keys(self, slots: Tensor) -> Tensor:
        """What is asked of each slot of shape [b, 16, 8] and the bar's end; [b, 17, width]."""
        keys = self.slot_key(self.summed(slots, self.known))
        end = self.end_of_bar.to(keys.dtype).expand(len(keys), 1, -1)
        return torch.cat((keys, end), 1) / math.sqrt(self.config.width)

    def pitch_logits(self, x: Tensor, told: Tensor) -> Tensor:
        """Logits of shape [n, 256]: pitches for a pitched slot, drums for a kit.

        Args:
            x: After looking again, shape [n, width].
            told: What is known of the note, `target_features` of shape [n, 6].
        """
        root = (told[:, 3] - OFFSETS["chord root"]).clamp(0, 12)
        tonic = (told[:, 5] - OFFSETS["tonic"]).clamp(0, 12)
        logits = self.pitch.told(x, root, tonic)
        drums = (told[:, 1] == _DRUM_KIT)[:, None]
        kit = torch.arange(2 * PITCHES, device=x.device)[None] >= PITCHES
        return logits.masked_fill(drums ^ kit, -math.inf)

    def learnt(self, features: Tensor) -> Tensor:
        """What is learnt of the note being written: features [n, k] to [n, width]."""
        return cast(Tensor, self.known(features))

    def chosen(self, field: int, classes: Tensor) -> Tensor:
        """What is learnt of a note by a class, shape [n] to [n, width]; -1 says nothing."""
        offset = OFFSETS[FIELDS[field]]
        if field == PITCH:
            drums = OFFSETS["drum"] - PITCHES
            number = classes + torch.where(classes < PITCHES, offset, drums)
        else:
            number = classes + offset
        return self.learnt(number.where(classes >= 0, 0)[:, None])

    # Training.

    def forward(self, batch: Mapping[str, Tensor]) -> Losses:
        """See `losses`: the name by which several processes train one network."""
        return self.losses(batch)

    def losses(self, batch: Mapping[str, Tensor]) -> Losses:
        """How unlikely the notes of a batch are.

        Args:
            batch: Padded with 0 (classes with -1) on the right. `features` [b, n, 24], `beats`
                [b, n], `prefix` [b], `target` [b, n, 7], `target_features` [b, n, 6],
                `target_beats` [b, n], `slots` [b, 16, 8]. A class of -1 is unknown and bears no
                loss; one of -2 - c is known to be c and bears none.
        """
        features, target = batch["features"].int(), batch["target"].long()
        mask = visible(features, batch["prefix"])
        seen = self.encoded(features, batch["beats"], mask)
        written = target[..., 1:].amax(-1).ge(0)
        found = [self._slot_losses(seen, target[..., SLOT], batch["slots"].int())]
        found += self._note_losses(seen, mask, batch, target, Packing.of(written))
        sums, counts = (torch.stack(column) for column in zip(*found, strict=True))
        return Losses(sums, counts, (written | target[..., SLOT].ge(0)).sum().float())

    def _slot_losses(self, seen: Tensor, target: Tensor, slots: Tensor) -> tuple[Tensor, Tensor]:
        packing = Packing.of(target >= 0)
        logits = self.slot_logits(packing.rows(seen), slots)
        return _unlikely(packing.flat(logits), packing.flat(packing.rows(target)))

    def _note_losses(
        self,
        seen: Tensor,
        mask: Tensor,
        batch: Mapping[str, Tensor],
        target: Tensor,
        packing: Packing,
    ) -> list[tuple[Tensor, Tensor]]:
        """Sum and count of the losses of every field but the slot."""
        wanted = packing.flat(packing.rows(target))
        classes = torch.where(wanted < -1, -2 - wanted, wanted)
        told = packing.flat(packing.rows(batch["target_features"].int()))
        x = packing.flat(packing.rows(seen)) + self.learnt(told[:, :3])
        found = []
        for field in (BEAT, SUB):
            found.append(_unlikely(self.heads[FIELDS[field]](x), wanted[:, field]))
            x = x + self.chosen(field, classes[:, field])
        place = packing.rows(batch["target_beats"])
        x = packing.padded(x + self.learnt(told[:, 3:]))
        x = packing.flat(self._again(x, seen, place, packing, mask, batch["beats"]))
        found.append(_unlikely(self.pitch_logits(x, told), wanted[:, PITCH]))
        for field in (LENGTH, VELOCITY, DEVIATION):
            x = x + self.chosen(field - 1, classes[:, field - 1])
            found.append(_unlikely(self.heads[FIELDS[field]](x), wanted[:, field]))
        return found

    def _again(
        self, x: Tensor, seen: Tensor, place: Tensor, packing: Packing, mask: Tensor, beats: Tensor
    ) -> Tensor:
        """The last layer, from the places of the notes; shape [b, m, width]."""
        order = torch.arange(seen.shape[1], device=seen.device).expand(beats.shape)
        key, value = self.look_again.memory(seen, self.positions(beats, order))
        x = self.placed(x, place, packing.index + 1)
        query = self.look_again.query(x, self.positions(place, packing.index + 1))
        attended = attend(query, key, value, packing.rows(mask[:, 0])[:, None])
        return self.look_again.join(x, attended)


@dataclass(frozen=True, slots=True)
class Packing:
    """Some of the tokens of each row, moved to its left.

    Attributes:
        index: Where they stood, shape [b, m].
        real: False behind the last one of a row, shape [b, m].
    """

    index: Tensor
    real: Tensor

    @classmethod
    def of(cls, wanted: Tensor) -> Packing:
        """Those that are true in `wanted`, shape [b, n]."""
        counts = wanted.sum(1)
        most = max(int(counts.max()), 1)
        index = torch.argsort(~wanted, dim=1, stable=True)[:, :most]
        return cls(index, torch.arange(most, device=wanted.device)[None] < counts[:, None])

    def rows(self, values: Tensor) -> Tensor:
        """Values of shape [b, n, ...] to [b, m, ...]."""
        each = torch.arange(len(values), device=values.device)[:, None]
        return values[each, self.index]

    def flat(self, values: Tensor) -> Tensor:
        """Values of shape [b, m, ...] to [p, ...], only the real ones."""
        return values[self.real]

    def padded(self, values: Tensor) -> Tensor:
        """Values of shape [p, ...] back to [b, m, ...]."""
        empty = values.new_zeros(*self.real.shape, *values.shape[1:])
        return empty.masked_scatter(self.real[..., None], values)


def _unlikely(logits: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """Sum of the negative log-likelihoods, and how many there are; a class below 0 is left out."""
    real = wanted >= 0
    loss = F.cross_entropy(logits.float(), wanted.where(real, -100), reduction="sum")
    return loss, real.sum().float()


def visible(features: Tensor, prefix: Tensor) -> Tensor:
    """What each token may see, as a mask that is added to logits: 0 or minus infinity.

    Args:
        features: Shape [b, n, 24]; a token without features is seen by none.
        prefix: Tokens that see each other both ways, shape [b].

    Returns:
        Float32, shape [b, 1, n, n].
    """
    n = features.shape[1]
    each = torch.arange(n, device=features.device)
    seen = (each[None, None] <= each[None, :, None]) | (each[None, None] < prefix[:, None, None])
    seen = seen & (features[..., 0] != 0)[:, None]
    return torch.zeros_like(seen, dtype=torch.float32).masked_fill(~seen, -math.inf)[:, None]
