"""The table of models: complete, consistent, and readable without loading any."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from studio.ai import own_models, registry
from studio.ai.catalogue import ModelCard
from studio.ai.requests import HEARD_TASKS, Task
from studio.core.errors import StudioError


def test_ids_are_unique_and_every_task_that_writes_has_a_default() -> None:
    ids = [card.id for card in registry.cards()]
    assert len(set(ids)) == len(ids)
    for task in set(Task) - set(HEARD_TASKS):
        assert task in registry.default_for(task).tasks


@pytest.mark.parametrize("card", registry.cards(), ids=lambda card: card.id)
def test_a_card_says_what_a_musician_must_know(card: ModelCard) -> None:
    assert registry.card(card.id) is card
    assert card.title
    assert card.summary.endswith(".")
    assert card.licence
    assert card.digest
    assert card.tasks
    assert card.most_bars > 0
    assert card.memory_mb > 0


@pytest.mark.parametrize("card", registry.cards(), ids=lambda card: card.id)
def test_looking_at_a_card_imports_no_adapter(card: ModelCard) -> None:
    module, _, _ = card.factory.partition(":")
    before = set(sys.modules)
    assert importlib.util.find_spec(module) is not None
    assert module in before or module not in sys.modules


@pytest.mark.parametrize("card", registry.cards(), ids=lambda card: card.id)
def test_every_adapter_loads_and_unloads(card: ModelCard) -> None:
    model = registry.load(card)
    model.load("cpu")
    model.unload()
    assert model is not registry.load(card)


def claiming(id: str, *claims: str, tasks: tuple[Task, ...] = (Task.EXTEND,)) -> ModelCard:
    return ModelCard(
        id, id, "One.", "nowhere:Model", "1", frozenset(tasks), "MIT", 1, 1, 1,
        default_for=frozenset(claims),
    )  # fmt: skip


def test_a_card_may_claim_a_task_or_one_role_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    first, bass, all_ = claiming("first"), claiming("bass", "extend:bass"), claiming("a", "extend")
    other = claiming("other", "extend:drums", tasks=(Task.REWRITE,))  # does not do it at all
    monkeypatch.setattr(registry, "CARDS", (first, other, bass, all_))
    assert registry.default_for(Task.EXTEND) is all_
    assert registry.default_for(Task.EXTEND, "bass") is bass
    assert registry.default_for(Task.EXTEND, "drums") is all_
    monkeypatch.setattr(registry, "CARDS", (first, bass))
    assert registry.default_for(Task.EXTEND) is first
    assert registry.default_for(Task.EXTEND, "pad") is first


def test_a_motif_is_developed_by_the_model_that_keeps_to_it() -> None:
    assert registry.default_for(Task.EXTEND, "motif").id == "sketch"
    assert registry.default_for(Task.EXTEND).id != "sketch"


@pytest.mark.parametrize("card", registry.cards(), ids=lambda card: card.id)
def test_a_card_claims_only_what_it_does(card: ModelCard) -> None:
    assert {claim.partition(":")[0] for claim in card.default_for} <= set(card.tasks)


def test_an_unknown_model_is_a_sentence_that_names_the_known_ones() -> None:
    with pytest.raises(StudioError) as raised:
        registry.card("mozart")
    assert "mozart" in raised.value.message
    assert "sketch" in raised.value.hint


def test_a_task_that_no_model_does_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "CARDS", ())
    with pytest.raises(StudioError, match="No model"):
        registry.default_for(Task.COMPOSE)


@pytest.mark.parametrize("factory", ["studio.ai.nowhere:Model", "studio.ai.catalogue:Nobody"])
def test_an_adapter_that_is_missing_is_a_sentence(factory: str) -> None:
    card = ModelCard(
        "ghost", "Ghost", "None.", factory, "1", frozenset(), "GPL-3.0-or-later", 1, 1, 1
    )
    with pytest.raises(StudioError, match="Ghost is not installed completely"):
        registry.load(card)


def test_what_ships_is_found_without_a_look_at_the_users_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none_of_your_own(taken: frozenset[str]) -> tuple[ModelCard, ...]:
        raise AssertionError("looked")

    monkeypatch.setattr(own_models, "cards", none_of_your_own)
    assert registry.card("sketch").id == "sketch"
    assert registry.default_for(Task.SEPARATE).id == "separator"
