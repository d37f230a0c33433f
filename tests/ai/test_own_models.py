"""The user's own weights are found by what they look like, and whatever else lies there is not."""

from __future__ import annotations

from pathlib import Path

from studio.ai import own_models, registry
from studio.ai.requests import Task
from tests.ai.models.test_separator import write_untaught


def test_without_a_folder_there_are_none() -> None:
    assert own_models.cards() == ()


def test_a_separator_of_ones_own_is_a_model_like_any_other(studio_home: Path) -> None:
    write_untaught(studio_home / "models" / "mine")
    (card,) = own_models.cards()
    assert (card.id, card.tasks) == ("mine", frozenset({Task.SEPARATE}))
    assert registry.card("mine") == card
    assert registry.cards()[-1] == card
    (renamed,) = own_models.cards(frozenset({"mine"}))
    assert renamed.id == "my-mine"


def test_a_changed_model_has_another_card(studio_home: Path) -> None:
    folder = studio_home / "models" / "mine"
    write_untaught(folder)
    (before,) = own_models.cards()
    about = folder / "separator.json"
    about.write_text(about.read_text().replace('"digest": "', '"digest": "0'))
    (after,) = own_models.cards()
    assert after.digest != before.digest


def test_what_is_no_model_is_passed_over(studio_home: Path) -> None:
    folder = studio_home / "models"
    (folder / "empty").mkdir(parents=True)
    (folder / "notes.txt").write_text("my models")
    for name, text in (("a", "no json"), ("b", "[]"), ("c", "{}")):
        write_untaught(folder / name)
        (folder / name / "separator.json").write_text(text)
    (folder / "demucs.pt").mkdir()
    (folder / "htdemucs.onnx").symlink_to(folder / "gone.onnx")
    (folder / "d").mkdir()
    (folder / "d" / "separator.json").mkdir()
    (folder / "d" / "weights.safetensors").write_bytes(b"")
    assert own_models.cards() == ()
