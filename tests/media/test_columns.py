"""A song written down and read again is the same song."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.domain.clip import ClipId, NoteClip
from studio.domain.notes import Automation, Notes
from studio.domain.project import Project, new_song
from studio.domain.tempo import TempoMap
from studio.domain.track import Send, Track, TrackId, TrackKind
from studio.media import columns
from studio.media.store import MediaStore
from tests.strategies import projects

same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media")


def small_song() -> Project:
    clip = NoteClip(
        ClipId("c1"),
        0,
        3840,
        Notes.of([0, 960], 480, [60, 64]),
        controllers=(Automation.of("cc1", [0, 960], [0, 127]),),
    )
    return new_song().with_new_track(
        Track(TrackId("t5"), TrackKind.INSTRUMENT, "Keys", (clip,), sends=(Send(TrackId("t1")),))
    )


@same_folder
@given(project=projects())
def test_a_song_survives_json_with_equal_digest(project: Project, store: MediaStore) -> None:
    written = columns.text(columns.encode(project, store))
    read = columns.decode(json.loads(written), store)
    assert read == project
    assert columns.digest(read) == columns.digest(project)
    assert columns.text(columns.encode(read, store)) == written


@same_folder
@given(first=projects(most_tracks=1), second=projects(most_tracks=1))
def test_songs_that_differ_have_different_digests(first: Project, second: Project) -> None:
    assert (first == second) == (columns.digest(first) == columns.digest(second))


def test_equal_numbers_are_written_equally(store: MediaStore) -> None:
    song = small_song()
    whole = replace(song, tempo=TempoMap.constant(120))
    track = replace(song.tracks[0], volume_db=-0.0, pan=0)
    other = replace(song, tempo=TempoMap.constant(120.0)).with_track(track)
    assert whole == other
    assert columns.text(columns.encode(whole, store)) == columns.text(columns.encode(other, store))


def test_the_description_is_readable_and_tables_are_shared(store: MediaStore) -> None:
    song = small_song()
    data = columns.encode(song, store)
    assert data["tracks"][0]["name"] == "Keys"
    assert data["tracks"][0]["clips"][0]["kind"] == "notes"
    assert len(list(store.hashes())) == 2
    columns.encode(song, store)
    assert len(list(store.hashes())) == 2


def test_a_table_of_notes_can_be_kept_alone(store: MediaStore) -> None:
    notes = Notes.of([0, 5], 10, [60, 61], cents=[1.5, -2])
    assert columns.notes(columns.put_notes(notes, store), store) == notes


def test_a_number_that_is_none_is_not_written(store: MediaStore) -> None:
    song = small_song()
    bus = replace(song.tracks[0], sends=(Send(TrackId("t1"), float("nan")),))
    with pytest.raises(ValueError, match="no number"):
        columns.encode(song.with_track(bus), store)


def edited(path: str, value: Any) -> dict[str, Any]:
    """The small song's data with the entry at `path` ("tracks/0/pan") replaced."""
    store = MediaStore(Path("unused"))
    store.put_array = columns._hash_only  # type: ignore[method-assign]
    data = columns.encode(small_song(), store)
    *way, last = (int(step) if step.isdecimal() else step for step in path.split("/"))
    place: Any = data
    for step in way:
        place = place[step]
    place[last] = value
    return data


CLIP = "tracks/0/clips/0"


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("swing", 0.5, "swing"),
        ("tracks/0/freeze", True, "freeze"),
        ("sample_rate", 12345, "44100"),
        ("sample_rate", "48000", "int"),
        ("tempos", [], "tempo"),
        ("tempos/0/bpm", 5.0, "bpm"),
        ("meters/0/unit", 3, "meter"),
        ("key", {"tonic": 12, "mode": "major"}, "key"),
        ("chords", [{"start": 0, "length": 1, "root": 0, "quality": "?", "bass": None}], "chord"),
        ("markers", [{"tick": -1, "name": "A"}], "markers"),
        ("next_id", 0, "next_id"),
        ("tracks", [], "master"),
        ("tracks/0/id", "t1", "called t1"),
        ("tracks/0/kind", "vocoder", "vocoder"),
        ("tracks/0/pan", 2.0, "pan"),
        ("tracks/0/sends/0/bus", "t9", "bus"),
        ("tracks/0/devices", [{"id": "d9", "kind": "eq"}], "parameters"),
        (f"{CLIP}/kind", "video", "video"),
        (f"{CLIP}/length", 0, "tick"),
        (f"{CLIP}/notes", "../../etc/passwd", "notes"),
        (f"{CLIP}/notes", "0" * 64, "missing"),
        (f"{CLIP}/controllers/0/points", "0" * 64, "missing"),
    ],
)
def test_what_is_not_understood_is_refused(
    path: str, value: Any, why: str, store: MediaStore
) -> None:
    columns.encode(small_song(), store)
    with pytest.raises(StudioError, match=re.escape(why)) as refused:
        columns.decode(edited(path, value), store)
    assert refused.value.message.endswith(".")
    assert "\n" not in refused.value.message


@pytest.mark.parametrize("data", [None, 3, [], "song", {}, {"tracks": {}}])
def test_what_is_no_song_is_refused(data: object, store: MediaStore) -> None:
    with pytest.raises(StudioError):
        columns.decode(data, store)


def test_a_table_of_another_kind_is_refused(store: MediaStore) -> None:
    columns.encode(small_song(), store)
    other = store.put_array(np.zeros(4))
    with pytest.raises(StudioError, match="damaged"):
        columns.decode(edited(f"{CLIP}/notes", other), store)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_table_is_refused(data: st.DataObject, store: MediaStore) -> None:
    song = small_song()
    described = columns.encode(song, store)
    path = store.path(data.draw(st.sampled_from(sorted(store.hashes()))))
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x40]) + whole[at + 1 :])
    with pytest.raises(StudioError, match="damaged"):
        columns.decode(described, store)
    path.write_bytes(whole)
