"""The log of takes loses nothing that was added to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.io.takes_log import TakesLog

records = st.fixed_dictionaries(
    {"id": st.sampled_from("abc")}, optional={"words": st.text(max_size=5), "n": st.integers(0, 9)}
)


@pytest.fixture
def log(tmp_path: Path) -> TakesLog:
    return TakesLog(tmp_path / "takes.jsonl")


def test_a_song_without_takes_has_none(log: TakesLog) -> None:
    assert log.takes() == []


def test_takes_come_back_in_order(log: TakesLog) -> None:
    log.append({"id": "a", "words": "slow\nblues “ü”"})
    log.append({"id": "b", "seed": 7})
    assert log.takes() == [{"id": "a", "words": "slow\nblues “ü”"}, {"id": "b", "seed": 7}]


def test_a_discarded_take_is_marked_and_stays_in_the_file(log: TakesLog, tmp_path: Path) -> None:
    log.append({"id": "a"})
    log.append({"id": "b"})
    log.discard("a")
    assert log.takes() == [{"id": "b"}]
    assert b'{"id":"a"}' in (tmp_path / "takes.jsonl").read_bytes()
    log.append({"id": "a"})
    assert log.takes() == [{"id": "b"}, {"id": "a"}]


def test_a_take_made_again_is_there_once(log: TakesLog) -> None:
    log.append({"id": "a", "seconds": 1})
    log.append({"id": "b"})
    log.append({"id": "a", "seconds": 2})
    assert log.takes() == [{"id": "b"}, {"id": "a", "seconds": 2}]


def test_a_record_needs_an_id(log: TakesLog) -> None:
    with pytest.raises(ValueError, match="id"):
        log.append({"words": "blues"})
    assert log.takes() == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_records=st.lists(records, min_size=1, max_size=5), cut=st.integers(1, 60))
def test_a_line_cut_short_costs_only_itself(
    given_records: list[dict[str, Any]], cut: int, tmp_path: Path
) -> None:
    path = tmp_path / "takes.jsonl"
    path.unlink(missing_ok=True)
    log = TakesLog(path)
    for number, record in enumerate(given_records):
        log.append({**record, "id": str(number)})
    whole = path.read_bytes()
    last = len(whole.splitlines()[-1])
    path.write_bytes(whole[: len(whole) - 1 - min(cut, last)])
    assert [take["id"] for take in log.takes()] == [str(n) for n in range(len(given_records) - 1)]
    log.append({"id": "later"})
    assert log.takes()[-1] == {"id": "later"}
    assert len(log.takes()) == len(given_records)


def test_a_mark_that_names_nothing_is_passed_over(log: TakesLog, tmp_path: Path) -> None:
    (tmp_path / "takes.jsonl").write_bytes(b'{"discarded":["a"]}\n')
    log.append({"id": "a"})
    assert log.takes() == [{"id": "a"}]


def test_a_log_that_cannot_be_read_is_told(log: TakesLog, tmp_path: Path) -> None:
    (tmp_path / "takes.jsonl").mkdir()
    with pytest.raises(StudioError, match="takes cannot be read"):
        log.takes()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.binary(max_size=60))
def test_whatever_lies_in_the_file_can_be_read_over(noise: bytes, tmp_path: Path) -> None:
    path = tmp_path / "takes.jsonl"
    path.write_bytes(noise)
    log = TakesLog(path)
    log.takes()
    log.append({"id": "later"})
    assert log.takes()[-1] == {"id": "later"}
