"""Takes as lines of a song's log: what went in comes out, here and in a fresh process."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.ai import record, registry, wishes
from studio.ai.client import WorkerClient
from studio.ai.generate import Generate
from studio.ai.requests import (
    Beat,
    Chip,
    Controls,
    Excerpt,
    Quality,
    Request,
    Result,
    Sound,
    Take,
    Task,
    take_id,
)
from studio.ai.wishes import Wish
from studio.core.errors import StudioError
from studio.domain.clip import AudioSource, ClipId, TakeId
from studio.domain.gap import Gap, Part
from studio.domain.notes import Notes
from studio.domain.project import new_song
from studio.domain.theory import SCALES, Key
from studio.domain.track import TrackId
from studio.jobs.queue import InlineQueue
from studio.media.store import MediaStore
from tests import strategies

seeds = st.integers(0, 2**63 - 1)
tracks = st.lists(st.integers(1, 9).map(lambda n: TrackId(f"t{n}")), max_size=3).map(tuple)
named_notes = st.just(()) | st.just(((ClipId("c4"), (0, 7)), (ClipId("c5"), ())))
keys = st.builds(Key, st.integers(0, 11), st.sampled_from(sorted(SCALES)))
sources = st.builds(
    AudioSource, st.just("ab" * 32), st.just(44_100), st.just(10**6), st.just(2), strategies.names
)
excerpts = st.builds(
    Excerpt, sources, st.integers(0, 10**5), st.integers(1, 10**5), st.none() | st.just("c4")
)


@st.composite
def gaps(draw: st.DrawFn) -> Gap:
    start = draw(strategies.ticks())
    low = draw(strategies.pitches)
    hz = draw(st.none() | st.just((20.0, 440.5)))
    end, high = start + draw(st.integers(1, 10**6)), draw(st.integers(low, 127))
    return Gap(draw(tracks), start, end, low, high, hz, draw(named_notes))


@st.composite
def controls(draw: st.DrawFn) -> Controls:
    return Controls(
        key=draw(st.none() | keys),
        bpm=draw(st.none() | strategies.floats(10, 960)),
        meter=draw(st.none() | st.just((7, 8))),
        chords=draw(strategies.chord_lanes()),
        instruments=draw(st.lists(strategies.names, max_size=3).map(tuple)),
        closeness=draw(strategies.floats(0, 1)),
        surprise=draw(strategies.floats(0, 1)),
        density=draw(strategies.floats(0, 1)),
        keep_to_scale=draw(st.booleans()),
        keep_to_chords=draw(st.booleans()),
        learn_from=draw(st.none() | st.just("c4")),
        source=draw(named_notes),
        amount=draw(strategies.floats(0, 1)),
        audio=draw(st.none() | excerpts),
        stems=draw(st.sampled_from([("drums", "bass", "vocals", "other"), ("vocals",)])),
        quality=draw(st.sampled_from(Quality)),
        listen_for=draw(st.sampled_from(["notes", "drums", "melody"])),
    )


@st.composite
def requests(draw: st.DrawFn) -> Request:
    return Request(
        draw(st.sampled_from(Task)), draw(gaps()), draw(strategies.names),
        draw(strategies.names), draw(seeds), draw(strategies.projects()),
        draw(st.text(max_size=40)), draw(strategies.names), draw(controls()),
        draw(st.lists(st.just(TakeId("k1")), max_size=2).map(tuple)),
    )  # fmt: skip


@st.composite
def results(draw: st.DrawFn) -> Result:
    part = st.builds(
        Part, st.none() | st.just(TrackId("t1")), strategies.notes(), strategies.names,
        strategies.names, st.integers(0, 127), st.booleans(),
    )  # fmt: skip
    return Result(
        draw(st.lists(part, max_size=3).map(tuple)),
        draw(strategies.ticks()),
        draw(st.none() | strategies.tempo_maps()),
        draw(st.none() | keys),
        draw(strategies.chord_lanes()),
        draw(st.lists(st.tuples(strategies.ticks(), strategies.names), max_size=2).map(tuple)),
        draw(st.lists(st.builds(Chip, strategies.names, strategies.names), max_size=2).map(tuple)),
        draw(strategies.names),
        draw(st.lists(st.builds(Sound, strategies.names, sources), max_size=2).map(tuple)),
        draw(st.lists(st.builds(Beat, strategies.floats(0, 1e4)), max_size=2).map(tuple)),
    )


def through_text(data: dict[str, Any]) -> dict[str, Any]:
    """As it comes out of a line of `takes.jsonl`."""
    found: dict[str, Any] = json.loads(json.dumps(data))
    return found


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(request_=requests(), result=results(), seconds=st.floats(0, 1e6))
def test_a_take_comes_back_equal(
    tmp_path: Path, request_: Request, result: Result, seconds: float
) -> None:
    store = MediaStore(tmp_path / "media")
    take = Take(take_id(request_), request_, result, seconds)
    back = record.take_from_json(through_text(record.take_to_json(take, store)), store)
    assert back == take
    assert take_id(back.request) == take.id


def composed(store: MediaStore, folder: Path) -> tuple[Take, dict[str, Any]]:
    """A take of the default composer, continuing a song of its own, and its record."""
    worker = WorkerClient(folder)
    card = registry.default_for(Task.COMPOSE)
    request = wishes.compose(new_song(), card, Wish("slow sad waltz", bars=4, seed=11))
    job = InlineQueue().submit(Generate(request, worker))
    worker.close()
    assert job.result is not None, job.error
    return job.result, through_text(record.take_to_json(job.result, store))


def test_a_fresh_process_makes_a_recorded_take_again(tmp_path: Path) -> None:
    store = MediaStore(tmp_path / "song" / "media")
    take, data = composed(store, tmp_path / "run")
    line = tmp_path / "takes.jsonl"
    line.write_text(json.dumps(data))
    code = (
        "import json, sys; from pathlib import Path\n"
        "from studio.ai import record\n"
        "from studio.ai.client import WorkerClient\n"
        "from studio.ai.generate import Generate\n"
        "from studio.jobs.queue import InlineQueue\n"
        "from studio.media.store import MediaStore\n"
        "store, worker = MediaStore(Path(sys.argv[1])), WorkerClient(Path(sys.argv[2]))\n"
        "take = record.take_from_json(json.loads(Path(sys.argv[3]).read_text()), store)\n"
        "again = InlineQueue().submit(Generate(take.request, worker)).result; worker.close()\n"
        "assert again.result == take.result and again.id == take.id\n"
        "print(*[part.notes.digest for part in again.result.parts])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(store.folder), str(tmp_path / "run2"), str(line)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    assert done.stdout.split() == [part.notes.digest for part in take.result.parts]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[MediaStore, dict[str, Any]]:
    store = MediaStore(tmp_path_factory.mktemp("song") / "media")
    card = registry.default_for(Task.COMPOSE)
    request = wishes.compose(new_song(), card, Wish(bars=2))
    result = Result((Part(None, Notes.of([0], [960], [60])),), 960)
    take = Take(take_id(request), request, result, 1.0)
    return store, through_text(record.take_to_json(take, store))


def test_songs_and_notes_are_named_by_hash_only(
    recorded: tuple[MediaStore, dict[str, Any]],
) -> None:
    store, data = recorded
    assert store.has(data["request"]["song"])
    assert store.has(data["result"]["parts"][0]["notes"])
    assert len(json.dumps(data)) < 2000


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data.pop("request"),
        lambda data: data.pop("result"),
        lambda data: data["request"].pop("song"),
        lambda data: data["request"].pop("seed"),
        lambda data: data["request"].update(song=7),
        lambda data: data["request"].update(song="0" * 64),
        lambda data: data["request"].update(task="whistle"),
        lambda data: data["request"]["gap"].update(start=-1),
        lambda data: data["result"].update(parts=[{"track": None}]),
        lambda data: data["result"]["parts"][0].update(notes="0" * 64),
        lambda data: data["result"]["parts"][0].update(notes=data["request"]["song"]),
        lambda data: data.update(seconds="long"),
        lambda data: data.update(request=[]),
    ],
)
def test_a_damaged_record_is_one_sentence(
    recorded: tuple[MediaStore, dict[str, Any]], damage: Any
) -> None:
    store, data = recorded
    data = through_text(data)
    damage(data)
    with pytest.raises(StudioError):
        record.take_from_json(data, store)


def test_a_request_of_an_older_record_takes_the_defaults_of_what_it_lacks(
    recorded: tuple[MediaStore, dict[str, Any]],
) -> None:
    store, data = recorded
    data = through_text(data)["request"]
    for name in ("prompt", "negative", "controls", "parents"):
        del data[name]
    request = record.request_from_json(data, store)
    assert request == replace(request, prompt="", negative="", controls=Controls(), parents=())


def test_controls_of_an_older_record_are_about_no_sound(
    recorded: tuple[MediaStore, dict[str, Any]],
) -> None:
    store, data = recorded
    data = through_text(data)
    for name in ("audio", "stems", "quality", "listen_for"):
        del data["request"]["controls"][name]
    for name in ("sounds", "beats"):
        del data["result"][name]
    assert record.take_from_json(data, store).id == data["id"]


def about(**controls: Any) -> Request:
    song = new_song(48_000)
    return Request(
        Task.COMPOSE, Gap((), 0, 3840), "sketch", "sketch-2", 7, song, "warm",
        controls=Controls(bpm=84.0, instruments=("bass",), **controls),
    )  # fmt: skip


def test_a_wish_about_no_sound_is_named_as_it_was_before_there_were_such() -> None:
    assert take_id(about()) == "k7d2770cdacc3150a9e77"


def test_all_that_is_said_of_a_sound_names_the_take() -> None:
    source = AudioSource("ab" * 32, 44_100, 1000, 2)
    whole = Excerpt(source, 0, 1000)
    wishes_ = [
        about(audio=whole),
        about(audio=Excerpt(source, 1, 999)),
        about(audio=replace(whole, clip=ClipId("c1"))),
        about(audio=whole, stems=("bass",)),
        about(audio=whole, quality=Quality.BEST),
        about(audio=whole, listen_for="drums"),
    ]
    assert len({take_id(wish) for wish in [about(), *wishes_]}) == 7


def test_where_a_recording_lies_is_no_part_of_the_wish(tmp_path: Path) -> None:
    wish = about(audio=Excerpt(AudioSource("ab" * 32, 44_100, 1000, 2), 0, 1000))
    store = MediaStore(tmp_path / "media")
    here = replace(wish, media=store)
    assert here == wish
    assert take_id(here) == take_id(wish)
    assert record.request_to_json(here, store) == record.request_to_json(wish, store)


@pytest.mark.parametrize(("first", "frames"), [(-1, 10), (0, 0), (991, 10)])
def test_an_excerpt_lies_inside_its_recording(first: int, frames: int) -> None:
    with pytest.raises(ValueError, match="inside"):
        Excerpt(AudioSource("ab" * 32, 44_100, 1000, 2), first, frames)
