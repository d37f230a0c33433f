"""Messages on a pipe: what is written is read, and whatever else comes is refused."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.ai.requests import Result
from studio.ai.wire import (
    LARGE_TABLE_BYTES,
    MOST_BYTES,
    Answer,
    Done,
    Failed,
    Partial,
    Progress,
    Stopped,
    Wire,
    WireError,
)
from studio.domain.gap import Part
from studio.domain.notes import Notes
from studio.media.store import MediaStore
from tests.ai.test_record import results

numbers = st.integers(0, 2**31)
answers = st.one_of(
    st.builds(Progress, numbers, st.floats(0, 1), st.text(max_size=20)),
    st.builds(Partial, numbers, results()),
    st.builds(Done, numbers, results()),
    st.builds(Stopped, numbers),
    st.builds(Failed, numbers, st.text(max_size=20), st.text(max_size=20), st.booleans()),
)
on_one_folder = settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def wire(tmp_path: Path) -> Wire[Answer]:
    return Wire(Answer, MediaStore(tmp_path))


@on_one_folder
@given(messages=st.lists(answers, max_size=4))
def test_messages_come_out_as_they_went_in(wire: Wire[Answer], messages: list[Answer]) -> None:
    pipe = io.BytesIO()
    for message in messages:
        wire.write(pipe, message)
    pipe.seek(0)
    assert [wire.read(pipe) for _ in messages] == messages
    with pytest.raises(EOFError):
        wire.read(pipe)


@on_one_folder
@given(message=answers, data=st.data())
def test_a_message_cut_short_is_the_end_of_the_pipe(
    wire: Wire[Answer], message: Answer, data: st.DataObject
) -> None:
    pipe = io.BytesIO()
    wire.write(pipe, message)
    whole = pipe.getvalue()
    with pytest.raises(EOFError):
        wire.read(io.BytesIO(whole[: data.draw(st.integers(0, len(whole) - 1))]))


@on_one_folder
@given(noise=st.binary(max_size=200))
def test_noise_is_refused_or_ends_the_pipe(wire: Wire[Answer], noise: bytes) -> None:
    with pytest.raises((EOFError, WireError)):
        wire.read(io.BytesIO(noise))
    with pytest.raises(WireError):
        wire.read(io.BytesIO(len(noise).to_bytes(4, "little") + noise))


def test_a_large_table_lies_in_the_shared_folder(wire: Wire[Answer], tmp_path: Path) -> None:
    rows = LARGE_TABLE_BYTES // 30
    notes = Notes.of(np.arange(rows), 1, 60)
    message = Done(1, Result((Part(None, notes, volume_db=-3.5, pan=0.25),), rows), 1.5)
    pipe = io.BytesIO()
    wire.write(pipe, message)
    assert len(pipe.getvalue()) < 1000
    assert len(list(tmp_path.glob("??/*.npy"))) == 1
    pipe.seek(0)
    assert wire.read(pipe) == message


def test_a_table_that_is_not_there_is_refused(wire: Wire[Answer], tmp_path: Path) -> None:
    rows = LARGE_TABLE_BYTES // 30
    pipe = io.BytesIO()
    wire.write(pipe, Done(1, Result((Part(None, Notes.of(np.arange(rows), 1, 60)),), rows), 1.5))
    pipe.seek(0)
    elsewhere: Wire[Answer] = Wire(Answer, MediaStore(tmp_path / "elsewhere"))
    with pytest.raises(WireError):
        elsewhere.read(pipe)


def test_a_length_beyond_reason_is_refused_before_it_is_read(wire: Wire[Answer]) -> None:
    with pytest.raises(WireError, match="too long"):
        wire.read(io.BytesIO((MOST_BYTES + 1).to_bytes(4, "little")))
