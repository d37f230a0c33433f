"""Negative log-likelihood of held-out notes, field by field, of the network and of baselines.

All are asked for the same notes of the same gaps, with the same masks, forced rows and fields;
the baselines count notes of the same training pieces.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from studio.ai.composer.vocabulary import FIELDS
from studio.ai.composer.window import Example, Opening, example, lane
from studio.ai.nets.composer import Composer, ComposerConfig
from studio.ai.nets.composer_weights import read
from studio.ai.nets.weights import WEIGHTS
from studio.ai.training.checkpoints import CHECKPOINT
from studio.ai.training.composer import ablations
from studio.ai.training.composer.checkpoints import load
from studio.ai.training.composer.examples import Sampler, cut, padded
from studio.ai.training.composer.figures import infilling, plots
from studio.ai.training.composer.figures.ngrams import Baseline, facts_of
from studio.ai.training.composer.figures.songs import Player, collections, excerpts
from studio.ai.training.composer.schedule import weights_of
from studio.ai.training.composer.train import without_context
from studio.core import paths

ROWS = 512
LEARNT = 32_000  # examples that the baselines count
FEWEST = 16
Scores: TypeAlias = npt.NDArray[np.float64]  # sums of nats and counts by field, [examples, 2, 7]


class Scorer(Protocol):
    """Tells how likely it holds held-out notes."""

    def scores(self, examples: Sequence[Example]) -> Scores: ...


class Counted:
    """A table of counts as a scorer."""

    def __init__(self, baseline: Baseline) -> None:
        self.baseline = baseline

    def scores(self, examples: Sequence[Example]) -> Scores:
        found = []
        for one in examples:
            nats = self.baseline.nats(facts_of([one]))
            found.append([np.nansum(nats, 0), np.isfinite(nats).sum(0)])
        return np.array(found, float)


class Network:
    """A trained network as a scorer.

    Args:
        context: Whether it is shown the notes around the gap.
    """

    def __init__(self, net: Composer, *, context: bool = True) -> None:
        self.net, self.context = net.eval(), context

    @classmethod
    def of_run(cls, run: Path) -> Network:
        """The running average of a run, shown what it was trained on."""
        kept = load(run / CHECKPOINT)
        net = Composer(ComposerConfig(**kept.config))
        net.load_state_dict(kept.average)
        return cls(net, context=bool(kept.options.get("context", True)))

    @torch.no_grad()
    def scores(self, examples: Sequence[Example]) -> Scores:
        found = []
        for one in examples:
            batch = padded([one])
            batch = batch if self.context else without_context(batch)
            losses = self.net.losses({k: torch.from_numpy(v) for k, v in batch.items()})
            found.append([losses.sums.double().numpy(), losses.counts.double().numpy()])
        return np.array(found, float)


# --- what is asked ----------------------------------------------------------------------------


def held_out(work: Path, each: int, split: str = "test") -> dict[str, list[Example]]:
    """Up to `each` gaps of every collection, the same for equal arguments."""
    found: dict[str, list[Example]] = {}
    for name, shards in collections(work, split).items():
        examples: list[Example] = []
        for number in range(3 * each):
            rng = np.random.Generator(np.random.PCG64([17, number]))
            one = cut(shards[int(rng.integers(len(shards)))], rng, ROWS)
            if one is not None and len(examples) < each:
                examples.append(one)
        if len(examples) >= min(each, FEWEST):
            found[name] = examples
    return found


def training(work: Path, number: int, seed: int = 5) -> Iterator[Example]:
    """Gaps of the training pieces, drawn as the network's are."""
    shards = collections(work, "train")
    notes = {name: int(one.note_counts.sum()) for name, one in shards.items()}
    sampler = Sampler(shards, weights_of(notes))
    for index in range(number):
        yield sampler.draw(np.random.Generator(np.random.PCG64([seed, index])), ROWS)


def baselines(work: Path, number: int) -> dict[str, Scorer]:
    """The two tables, learnt from the training pieces."""
    facts = facts_of(training(work, number))
    found: dict[str, Scorer] = {}
    for title, rich in (("order-2 Markov", False), ("interpolated n-gram", True)):
        baseline = Baseline(rich=rich)
        baseline.learn(facts)
        found[title] = Counted(baseline)
    return found


def networks() -> dict[str, Scorer]:
    """The network that ships, where there is one."""
    weights = paths.resource("models", "composer")
    there = (weights / WEIGHTS).exists()
    return {"the network that ships": Network(read(weights))} if there else {}


def small_networks(work: Path) -> dict[str, Scorer]:
    """Those that `ablations` trained."""
    return {title: Network.of_run(one) for title, one in ablations.trained(work).items()}


def infills(work: Path, each: int, context: str) -> list[Example]:
    """The gaps of `infilling` with a context as it says, every part to be written."""
    found = []
    for seed, (_, piece) in enumerate(excerpts(work, bars=infilling.BARS, each=each)):
        if not infilling.inside(piece).any():
            continue
        given = infilling.with_context(piece, context, seed)
        parts = tuple(range(len(given.parts)))[:16]
        kept = np.zeros(len(given.notes), bool)
        opening = Opening(infilling.FIRST, infilling.LAST, parts, kept)
        room = 2 * ROWS - int(opening.open_notes(given).sum()) - infilling.LAST + infilling.FIRST
        if room > ROWS // 4:
            found.append(example(given, opening, lane(given, opening, parts), room))
    return found


# --- the figure -------------------------------------------------------------------------------


def measure(work: Path, players: list[Player], songs: int) -> dict[str, Any]:
    """Nats by scorer, collection and field; of gaps under each context, by scorer; and of gaps of
    the collections that small networks know, by these too."""
    del players
    examples = held_out(work, max(songs // 4, FEWEST))
    known = {name: some for name, some in examples.items() if name in ablations.ONLY}
    scorers = {**baselines(work, LEARNT), **networks()}
    found: dict[str, Any] = {"of": {}, "infilling": {}, "small": {}, "examples": LEARNT}
    for title, scorer in scorers.items():
        rows = {name: scorer.scores(some) for name, some in examples.items()}
        found["of"][title] = {
            "collections": {name: _nats(row) for name, row in rows.items()},
            "all": _all_of(rows),
        }
        found["small"][title] = _all_of({name: rows[name] for name in known})
    for title, scorer in small_networks(work).items():
        found["small"][title] = _all_of({n: scorer.scores(some) for n, some in known.items()})
    for context in infilling.CONTEXTS:
        some = infills(work, max(songs // 20, 2), context)
        for title, scorer in scorers.items():
            row = found["infilling"].setdefault(title, {})
            row[context] = _nats(scorer.scores(some)) if some else {}
    return found


def _all_of(rows: dict[str, Scores]) -> dict[str, float]:
    return _nats(np.concatenate(list(rows.values()))) if rows else {}


def _nats(scores: Scores) -> dict[str, float]:
    """Of each field that bore any loss, and of a whole row with its standard error."""
    sums, counts = scores[:, 0].sum(0), scores[:, 1].sum(0)
    found = {name: float(sums[i] / counts[i]) for i, name in enumerate(FIELDS) if counts[i] > 0}
    # Every row bears a slot's loss or, where only loudness is asked for, a velocity's.
    notes = np.maximum(scores[:, 1].max(1), 1)
    each = scores[:, 0].sum(1)
    mean = each.sum() / notes.sum()
    spread = np.sqrt(((each - mean * notes) ** 2).sum()) / notes.sum()
    return {**found, "note": float(mean), "error": float(spread), "rows": float(notes.sum())}


def draw(data: dict[str, Any], folder: Path) -> list[str]:
    if not any(row["all"] for row in data["of"].values()):
        return []
    with plots.axes(folder / "likelihood.svg", 7, 3) as ax:
        series = {t: [row["all"].get(name, 0.0) for name in FIELDS]
                  for t, row in data["of"].items()}  # fmt: skip
        plots.grouped(ax, FIELDS, series, "nats")
    return ["likelihood.svg"]


def tell(data: dict[str, Any]) -> str:
    head = ["by", "note", "±", *FIELDS]
    missing = float("nan")

    def row(title: str, found: dict[str, float]) -> list[object]:
        return [title, *(found.get(n, missing) for n in ("note", "error", *FIELDS))]

    whole = [row(title, found["all"]) for title, found in data["of"].items()]
    names = sorted({name for found in data["of"].values() for name in found["collections"]})
    by_collection = [
        [name, *(found["collections"].get(name, {}).get("note", missing)
                 for found in data["of"].values())]
        for name in names
    ]  # fmt: skip
    contexts = [
        [title, *(found[c].get("note", missing) for c in infilling.CONTEXTS)]
        for title, found in data["infilling"].items()
    ]
    small = [row(title, found) for title, found in data["small"].items()]
    details = [
        row(f"{name}: {title}", found["collections"][name])
        for name in names
        for title, found in data["of"].items()
    ]
    return "\n\n".join([
        ("Nats of all fields together for each row that is to be written (a note, or the end of a "
        "bar), over the gaps of all collections: all nats by all rows, so that long gaps weigh "
        "more; ± is the standard error over gaps. Beside it the nats of each field by the rows in "
        "which it is asked: drums have no length, collections without a player no velocity or "
        "deviation, an end of a bar its slot alone. All answer for the same rows; the tables look "
        "at the rows before in the gap, the chord and the part, the network also at what is around "
        f"the gap. The tables counted {data['examples']} gaps of the training pieces."),
        plots.table(head, whole),
        "By collection, nats a row:",
        plots.table(["collection", *data["of"]], by_collection),
        ("Small networks, trained equally on " + ", ".join(ablations.ONLY) + " alone, and the "
        "others on the same held-out gaps of these collections. They have heard far less than the "
        "tables have counted, and are to be compared with one another:"),
        plots.table(head, small),
        ("Four bars in the middle of twelve, all parts, nats a row, by what is told of the others: "
        "as they are, in another order, nothing:"),
        plots.table(["by", *infilling.CONTEXTS], contexts),
        "<details><summary>fields by collection</summary>",
        plots.table(head, details),
        "</details>",
    ])  # fmt: skip
