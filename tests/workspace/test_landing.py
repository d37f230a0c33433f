"""Which part of a recording's file belongs where in the song."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.media.recorded import Log, RecordedTrack, Run, Wish
from studio.workspace.landing import Piece, latency_frames, pieces

RATE = 48000
TRACKS = (RecordedTrack("t1", "Voice", (0,)),)
LONG = 2**62


def log(*runs: Run, begin: int = 1000) -> Log:
    return Log(begin, 512, 256, 64, runs, (), 10**9)


def found(wish: Wish, *runs: Run, frames: int = 10 * RATE) -> list[Piece]:
    return list(pieces(wish, log(*runs), frames))


def wish(**fields: object) -> Wish:
    return Wish(RATE, TRACKS, **fields)  # type: ignore[arg-type]


def test_latency_is_what_the_device_says_unless_it_was_measured() -> None:
    assert latency_frames(wish(), log()) == 512 + 256 + 64
    assert latency_frames(wish(measured_frames=900), log()) == 900 + 64


@given(
    stream=st.integers(0, 5 * RATE),
    song=st.integers(0, 5 * RATE),
    length=st.integers(0, 5 * RATE) | st.just(LONG),
    frames=st.integers(0, 10 * RATE),
    punch=st.none() | st.tuples(st.integers(0, 4 * RATE), st.integers(4 * RATE, 9 * RATE)),
)
def test_each_frame_lies_its_latency_after_the_song(
    stream: int, song: int, length: int, frames: int, punch: tuple[int, int] | None
) -> None:
    made = wish(punch=punch)
    for piece in found(made, Run(stream, song, length), frames=frames):
        late = latency_frames(made, log())
        assert piece.offset_frames - (piece.song_frame - song) == stream - 1000 + late
        assert piece.offset_frames >= 0
        assert piece.offset_frames + piece.length_frames <= frames
        assert piece.song_frame >= song
        assert piece.song_frame + piece.length_frames <= song + length
        if punch is not None:
            assert punch[0] <= piece.song_frame
            assert piece.song_frame + piece.length_frames <= punch[1]


def test_each_turn_of_a_loop_is_a_take_and_none_is_lost() -> None:
    loop = (RATE, 3 * RATE)
    length = 2 * RATE
    runs = [Run(1000 + n * length, RATE, length) for n in range(3)]
    runs.append(Run(1000 + 3 * length, RATE, RATE + 10))
    (piece,) = found(wish(loop=loop), *runs, frames=8 * RATE)
    late = 832
    assert piece.turns == tuple(n * length + late for n in range(4))
    assert piece.turn == 3
    assert (piece.song_frame, piece.length_frames) == (RATE, length)


def test_a_turn_that_was_broken_off_early_is_kept_but_not_shown() -> None:
    length = 2 * RATE
    runs = (Run(1000, 0, length), Run(1000 + length, 0, RATE // 2))
    (piece,) = found(wish(loop=(0, length)), *runs)
    assert len(piece.turns) == 2
    assert piece.turn == 0


def test_what_comes_before_the_loop_is_a_clip_of_its_own() -> None:
    runs = (Run(1000, 0, 3 * RATE), Run(1000 + 3 * RATE, RATE, 2 * RATE))
    before, turns = found(wish(loop=(RATE, 3 * RATE)), *runs)
    assert (before.song_frame, before.length_frames, before.turns) == (0, RATE, ())
    assert len(turns.turns) == 2


def test_a_first_turn_that_began_in_the_middle_stays_beneath_the_others() -> None:
    runs = (Run(1000, RATE, RATE), Run(1000 + RATE, 0, 2 * RATE), Run(1000 + 3 * RATE, 0, 2 * RATE))
    parts = found(wish(loop=(0, 2 * RATE)), *runs)
    assert [piece.muted for piece in parts] == [True, False]
    assert len(parts[1].turns) == 2
