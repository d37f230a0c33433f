"""Songs of every older version open; a migration without a test fails here."""

from __future__ import annotations

from typing import Any

import pytest

from studio.core.errors import StudioError
from studio.io import migrations

# One test a migration, named `test_version_<n>_becomes_the_next`.


def test_every_migration_has_a_test() -> None:
    tested = {name for name in globals() if name.startswith("test_version_")}
    wanted = {f"test_version_{version}_becomes_the_next" for version in migrations.MIGRATIONS}
    assert tested == wanted


def test_migrations_lead_from_the_oldest_version_to_this_one_without_a_gap() -> None:
    steps = set(migrations.MIGRATIONS)
    assert steps == set(range(migrations.oldest(), migrations.VERSION))


def test_a_document_of_this_version_stays_as_it_is() -> None:
    document = {"format": "tutti", "version": migrations.VERSION, "song": {}}
    assert migrations.current(document, "Song") == document


def test_older_documents_pass_through_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    def renamed(document: dict[str, Any]) -> dict[str, Any]:
        return {"format": "tutti", "tunes": document["songs"]}

    def counted(document: dict[str, Any]) -> dict[str, Any]:
        return {**document, "count": len(document["tunes"])}

    monkeypatch.setattr(migrations, "VERSION", 3)
    monkeypatch.setattr(migrations, "MIGRATIONS", {1: renamed, 2: counted})
    found = migrations.current({"format": "tutti", "version": 1, "songs": [4, 5]}, "Song")
    assert found == {"format": "tutti", "version": 3, "tunes": [4, 5], "count": 2}
    with pytest.raises(StudioError, match="newer"):
        migrations.current({"format": "tutti", "version": 4}, "Song")
