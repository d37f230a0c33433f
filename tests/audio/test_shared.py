"""Commands arrive in order and whole; a state is never read half written."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.audio.player import Player
from studio.audio.shared import RING_RECORDS, STRIPS, Command, Meters, Op, Shared, Status


def _pair(folder: Path) -> tuple[Shared, Shared]:
    path = folder / "shared"
    path.unlink(missing_ok=True)
    return Shared.create(path), Shared(path)


def _take_all(engine: Shared) -> list[Command]:
    taken = []
    while (command := engine.peek()) is not None:
        taken.append(command)
        engine.take()
    return taken


_NUMBERS = st.integers(-(2**63), 2**63 - 1)
_COMMANDS = st.builds(
    Command, st.sampled_from(Op), _NUMBERS, _NUMBERS, _NUMBERS, _NUMBERS, st.floats(allow_nan=False)
)


@settings(max_examples=30)
@given(batches=st.lists(st.lists(_COMMANDS, max_size=8), max_size=8))
def test_commands_arrive_once_whole_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[Command]]
) -> None:
    client, engine = _pair(tmp_path_factory.mktemp("ring"))
    for batch in batches:
        assert all(client.put(command) for command in batch)
        assert _take_all(engine) == batch


def test_a_full_ring_refuses_and_loses_nothing(tmp_path: Path) -> None:
    client, engine = _pair(tmp_path)
    sent = [Command(Op.SEEK, a=number) for number in range(RING_RECORDS)]
    assert all(client.put(command) for command in sent)
    assert not client.put(Command(Op.STOP))
    assert _take_all(engine) == sent
    assert client.put(Command(Op.STOP))
    assert _take_all(engine) == [Command(Op.STOP)]


def test_a_state_is_read_as_one_piece_while_it_is_written(tmp_path: Path) -> None:
    client, engine = _pair(tmp_path)
    ended = threading.Event()

    def write() -> None:
        number = 0
        while not ended.is_set():
            number += 1
            _publish(engine, number)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        seen = 0
        for _ in range(5000):
            read = client.read()
            if read is None or not read[0].ready:
                continue
            status, meters = read
            assert status.clock_ns == status.stream_frame == status.heard_frame
            assert (meters == np.float32(status.stream_frame % 1000)).all()
            seen = max(seen, status.stream_frame)
        assert seen > 1
    finally:
        ended.set()
        writer.join()


def _publish(engine: Shared, number: int) -> None:
    def write_meters(meters: Meters) -> None:
        meters[:5] = number % 1000

    status = Status(1, clock_ns=number, stream_frame=number, heard_frame=number, strips=5)
    engine.publish(status, write_meters)


def test_a_state_left_half_written_is_no_state(tmp_path: Path) -> None:
    client, engine = _pair(tmp_path)

    def die(_meters: Meters) -> None:
        raise KeyboardInterrupt

    with contextlib.suppress(KeyboardInterrupt):
        engine.publish(Status(1), die)
    assert client.read() is None


def test_texts_and_all_meters_cross(tmp_path: Path) -> None:
    client, engine = _pair(tmp_path)
    engine.device = "ALSA: Küche " + "é" * 600
    engine.message = "Nothing is wrong."
    assert client.device.startswith("ALSA: Küche éé")
    assert client.message == "Nothing is wrong."
    rows = np.random.default_rng(1).random((STRIPS, 4), np.float32)

    def write(meters: Meters) -> None:
        meters[:] = rows

    engine.publish(Status(strips=STRIPS), write)
    read = client.read()
    assert read is not None
    assert read[0] == Status(strips=STRIPS)
    assert (read[1] == rows).all()


def test_the_last_keys_are_told_in_order(tmp_path: Path) -> None:
    shared = Shared.create(tmp_path / "shared")
    assert shared.last_keys() == ()
    shared.note_key(60, 100)
    shared.note_key(60, 0)
    assert shared.last_keys() == ((1, 60, 100), (2, 60, 0))
    for pitch in range(40):
        shared.note_key(pitch, 1)
    assert [pitch for _, pitch, _ in shared.last_keys()] == list(range(24, 40))
    shared.close()


def test_keys_pressed_on_an_input_are_told_of(tmp_path: Path) -> None:
    shared = Shared.create(tmp_path / "shared")
    player = Player(shared, 48000, lambda: None)
    for message in ((0x93, 64, 90), (0xB3, 1, 5), (0x83, 64, 30), (0x90, 60, 0)):
        player.press(message, 0)
    player.fill(np.zeros((64, 2), np.float32), False)
    assert [key[1:] for key in shared.last_keys()] == [(64, 90), (64, 0), (60, 0)]
    shared.close()
