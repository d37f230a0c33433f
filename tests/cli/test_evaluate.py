"""Measuring by command."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from studio.cli.main import main


def evaluate(*words: str) -> int:
    return main(["evaluate", "composer", "-q", "--models", "sketch", *words])


def test_a_report_is_written_where_it_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    pytest.importorskip("muspy")
    out = tmp_path / "report"
    words = ("--work", str(tmp_path), "--out", str(out), "--figures", "form", "--songs", "1")
    assert evaluate(*words) == 0
    assert capsys.readouterr().out == f"{out / 'report.md'}\n"
    assert "## Form" in (out / "report.md").read_text()


def test_what_cannot_be_measured_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["evaluate", "composer", "--work", str(tmp_path), "--models", "x"]) == 1
    capsys.readouterr()
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "matplotlib" else found(name)
    )
    assert evaluate("--work", str(tmp_path)) == 1
    assert "Measuring needs “matplotlib”" in capsys.readouterr().err
