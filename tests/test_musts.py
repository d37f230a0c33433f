"""What musicians count on: every row of tests/hands names the tests that show it, or is missing."""

from __future__ import annotations

import ast
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent
TABLES = sorted((TESTS / "hands").glob("*.toml"))
MOST_MISSING = {  # only ever fewer: lower a number here as its list gets shorter
    "mixer": 0,
    "piano_roll": 0,
    "song": 6,
    "spectrogram": 1,
    "timeline": 0,
    "transport": 0,
}


@cache
def names_in(path: Path) -> frozenset[str]:
    """Names of the tests that a file defines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = (node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return frozenset(name for name in names if name.startswith("test_"))


def exists(id: str) -> bool:
    """Whether `folder/test_file.py::test_name` names a test."""
    file, _, name = id.partition("::")
    return (TESTS / file).is_file() and name in names_in(TESTS / file)


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_a_row_names_tests_that_exist_or_is_missing(path: Path) -> None:
    table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    rows, shown, missing = table["rows"], table["shown"], table["missing"]
    assert shown.keys() | set(missing) == rows.keys(), "a row is shown or missing"
    assert not shown.keys() & set(missing), "a row that is shown is not missing"
    assert [row for row, ids in shown.items() if not ids] == []
    assert [id for ids in shown.values() for id in ids if not exists(id)] == []
    assert len(missing) == len(set(missing)) <= MOST_MISSING[path.stem]


def test_every_table_is_bounded() -> None:
    assert [path.stem for path in TABLES] == sorted(MOST_MISSING)
