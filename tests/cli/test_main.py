"""The command line on real files: what is made, what stays as it was, what is refused."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import soundfile
import symusic

from studio.ai import registry
from studio.cli import main as cli
from studio.domain.clip import NoteClip
from studio.domain.project import Project
from studio.edit.room import with_bars_before
from studio.io.midi import read_midi
from studio.io.song_folder import SongFolder
from tests.io.conftest import song as tune

ROOT = Path(__file__).parents[2]
SENTENCE = "slow sad waltz in D minor"
SHORT = [
    "generate", "waltz in D minor, only flute and bass", "--bars", "2", "--seed", "3",
    "--model", "sketch", "-q",
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def sketch_writes() -> Iterator[None]:
    """Whichever model the studio would choose, Sketch answers at once."""
    cards = tuple(replace(card, default_for=frozenset()) for card in registry.cards())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "CARDS", cards)
        yield


def studio(*words: object, folder: Path, status: int = 0) -> subprocess.CompletedProcess[str]:
    """Run `studio` as a user does, in `folder`; Sketch writes."""
    model = ["--model", "sketch"] if words[0] in ("generate", "extend", "fill") else []
    done = subprocess.run(
        [sys.executable, "-m", "studio", *map(str, words), *model],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    return done


def song_at(path: Path) -> Project:
    if path.suffix == ".mid":
        return read_midi(path)
    with SongFolder.open(path) as folder:
        return folder.project


def notes_of(project: Project) -> dict[str, list[tuple[int, int, int, int]]]:
    """(start, length, pitch, velocity) in song ticks, by track name."""
    return {
        track.name: sorted(
            (int(n["start"]) + clip.shift, int(n["length"]), int(n["pitch"]), int(n["velocity"]))
            for clip in track.clips
            if isinstance(clip, NoteClip)
            for n in clip.notes.table
        )
        for track in project.sources
    }


def played(project: Project) -> int:
    return sum(len(table) for table in notes_of(project).values())


def changed(before: Project, after: Project) -> set[tuple[str, int]]:
    """Track and start of every note that only one of two songs has."""
    old, new = notes_of(before), notes_of(after)
    return {
        (name, note[0])
        for name in old.keys() | new.keys()
        for note in set(old.get(name, [])) ^ set(new.get(name, []))
    }


def check_only_in(changes: set[tuple[str, int]], start: int, end: int) -> None:
    assert changes
    assert all(start <= at < end for _, at in changes)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight bars as a song and as a MIDI file; two bars of two instruments as song and sound."""
    folder = tmp_path_factory.mktemp("made")
    waltz = ["generate", SENTENCE, "--bars", "8", "--seed", "3", "-q", "-o"]
    assert cli.main([*waltz, str(folder / "waltz.mid")]) == 0
    assert cli.main([*waltz, str(folder / "waltz.tutti")]) == 0
    assert cli.main([*SHORT, "-o", str(folder / "short.tutti")]) == 0
    words = ["render", str(folder / "short.tutti"), "-q", "-o", str(folder / "short.wav")]
    assert cli.main(words) == 0
    return folder


# --- the main path, as a process ----------------------------------------------------------------


def test_a_sentence_becomes_a_midi_file_with_progress_on_standard_error(tmp_path: Path) -> None:
    done = studio("generate", SENTENCE, "--bars", 8, "--seed", 3, "-o", "x.mid", folder=tmp_path)
    assert done.stdout.startswith("x.mid: 8 bars, ")
    assert "Generate 8 bars" in done.stderr
    assert "100%" in done.stderr
    score: Any = symusic.Score(tmp_path / "x.mid")
    meter = score.time_signatures[0]
    assert (meter.numerator, meter.denominator) == (3, 4)
    assert sum(len(track.notes) for track in score.tracks) > 50
    assert list(tmp_path.iterdir()) == [tmp_path / "x.mid"]


def test_words_that_mean_nothing_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["generate", "jazz qwrtzx, 900 bpm", "--bars", "2", "-q", "-o", str(tmp_path / "x.mid")]
    assert cli.main(words) == 0
    said = capsys.readouterr().out
    assert "Not understood: qwrtzx." in said
    assert "“900 bpm” was not followed: A tempo lies between 20 and 400 bpm." in said
    assert "Jazz" in said


def test_equal_seeds_give_equal_files_and_other_seeds_others(made: Path, tmp_path: Path) -> None:
    for seed in (3, 4):
        cli.main(["generate", SENTENCE, "--bars", "8", "--seed", str(seed), "-q",
                  "-o", str(tmp_path / f"{seed}.mid")])  # fmt: skip
    assert (tmp_path / "3.mid").read_bytes() == (made / "waltz.mid").read_bytes()
    assert (tmp_path / "4.mid").read_bytes() != (made / "waltz.mid").read_bytes()


def test_a_song_folder_holds_the_song_and_its_take(made: Path) -> None:
    with SongFolder.open(made / "waltz.tutti") as folder:
        assert folder.project.title == "slow sad waltz in D"
        assert played(folder.project) == played(read_midi(made / "waltz.mid"))
        (take,) = folder.takes.takes()
    assert take["request"]["seed"] == 3
    assert take["request"]["prompt"] == SENTENCE


@pytest.mark.parametrize("kind", ["mid", "tutti"])
def test_extending_keeps_every_note_there_was(made: Path, tmp_path: Path, kind: str) -> None:
    out = tmp_path / f"longer.{kind}"
    done = studio("extend", made / f"waltz.{kind}", "--bars", 4, "-o", out, folder=tmp_path)
    assert ": 12 bars" in done.stdout
    before, after = song_at(made / f"waltz.{kind}"), song_at(out)
    end = before.tempo.bar_start(9)
    check_only_in(changed(before, after), end, 2**40)
    assert {name for name, _ in changed(before, after)} <= {t.name for t in before.sources}


def test_extending_before_moves_the_song_and_keeps_it(made: Path, tmp_path: Path) -> None:
    out = tmp_path / "intro.mid"
    studio("extend", made / "waltz.mid", "--bars", 2, "--before", "-o", out, folder=tmp_path)
    before, after = read_midi(made / "waltz.mid"), read_midi(out)
    moved = before.tempo.bar_start(3)
    check_only_in(changed(with_bars_before(before, 2), after), 0, moved)


@pytest.mark.parametrize("kind", ["mid", "tutti"])
def test_filling_changes_the_gap_and_nothing_else(made: Path, tmp_path: Path, kind: str) -> None:
    out = tmp_path / f"filled.{kind}"
    studio("fill", made / f"waltz.{kind}", "--bars", "3-4", "--seed", 9, "-o", out, folder=tmp_path)
    before, after = song_at(made / f"waltz.{kind}"), song_at(out)
    gap = before.tempo.bar_start(3), before.tempo.bar_start(5)
    check_only_in(changed(before, after), *gap)
    if kind == "tutti":
        assert after.tempo == before.tempo
        assert after.chords == before.chords
        assert [t.devices for t in after.tracks] == [t.devices for t in before.tracks]


def test_filling_some_tracks_leaves_the_others_alone(made: Path, tmp_path: Path) -> None:
    before = song_at(made / "waltz.tutti")
    name = before.sources[0].name
    out = tmp_path / "filled.tutti"
    words = ["fill", str(made / "waltz.tutti"), "--bars", "2", "--tracks", name.upper(), "-q"]
    assert cli.main([*words, "--seed", "5", "-o", str(out)]) == 0
    after = song_at(out)
    assert {track for track, _ in changed(before, after)} == {name}


def test_a_song_can_be_extended_in_place(made: Path, tmp_path: Path) -> None:
    song = tmp_path / "waltz.tutti"
    shutil.copytree(made / "waltz.tutti", song)
    assert cli.main(["extend", str(song), "--bars", "1", "-q", "-o", str(song)]) == 0
    with SongFolder.open(song) as folder:
        assert folder.project.tempo.bar_at(folder.project.end - 1) == 9
        assert len(folder.takes.takes()) == 2


def test_rendering_gives_the_sound_of_the_whole_song(made: Path) -> None:
    sound, rate = soundfile.read(made / "short.wav", dtype="float32", always_2d=True)
    song = song_at(made / "short.tutti")
    seconds = float(song.tempo.seconds(song.end))
    assert seconds <= len(sound) / rate < seconds + 20
    assert 0.02 < np.abs(sound).max() <= 1.0
    quarters = np.array_split(np.abs(sound[: int(seconds * rate)]).max(axis=1), 4)
    assert all(part.max() > 0.01 for part in quarters)


def test_generating_sound_equals_rendering_the_song(made: Path, tmp_path: Path) -> None:
    done = studio(*SHORT[:-1], "-o", "a.wav", folder=tmp_path)
    assert "Render a.wav" in done.stderr
    assert (tmp_path / "a.wav").read_bytes() == (made / "short.wav").read_bytes()


def test_exporting_writes_everything_or_what_was_asked_for(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["export", str(made / "short.tutti"), "-q", "-o", str(tmp_path / "all")]) == 0
    everything = {path.name for path in (tmp_path / "all").iterdir()}
    assert everything == {"mix.wav", "stems", "song.mid", "song.dawproject", "readme.txt"}
    stems = list((tmp_path / "all" / "stems").glob("*.wav"))
    assert len(stems) == len(song_at(made / "short.tutti").sources)
    assert f"{len(stems)} stems that add up to the mix" in capsys.readouterr().out
    words = ["export", str(made / "waltz.mid"), "--midi", "-q", "-o", str(tmp_path / "one")]
    assert cli.main(words) == 0
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["song.mid"]
    score: Any = symusic.Score(tmp_path / "one" / "song.mid")
    assert score.tracks


def test_the_models_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models"]) == 0
    listed = capsys.readouterr().out
    assert "sketch" in listed
    assert "markov" in listed
    assert "GPL-3.0-or-later" in listed
    assert cli.main(["models", "--json"]) == 0
    cards = json.loads(capsys.readouterr().out)
    assert all(f"{card['model']:<10} {card['summary']}" in listed for card in cards)


def test_nothing_is_left_running_or_lying_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, out = tmp_path / "run", tmp_path / "out"
    run.mkdir()
    out.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(run))
    studio("generate", "pop", "--bars", 2, "-o", "x.mid", folder=out)
    assert list(run.iterdir()) == []
    assert list(out.iterdir()) == [out / "x.mid"]
    running = [p.info["cmdline"] or [] for p in psutil.process_iter(["cmdline"])]
    assert not [words for words in running if str(run) in " ".join(words)]


def test_an_interrupt_stops_at_once_and_leaves_no_half_file(made: Path, tmp_path: Path) -> None:
    assert (
        cli.main(["generate", "pop", "--bars", "200", "-q", "-o", str(tmp_path / "a.tutti")]) == 0
    )
    heeding = ["env", "--default-signal=INT"]  # a shell has what it starts with & ignore Ctrl+C
    for number in (signal.SIGINT, signal.SIGTERM):
        process = subprocess.Popen(
            [*heeding, sys.executable, "-m", "studio", "render", "a.tutti", "-o", "a.wav"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
        )
        assert process.stderr is not None
        shown = b""
        while b"%" not in shown:
            shown += process.stderr.read(1)
        process.send_signal(number)
        _, rest = process.communicate(timeout=10)
        assert process.returncode == 130
        assert rest.decode().rstrip().endswith("studio: interrupted")
        assert [path.name for path in tmp_path.iterdir()] == ["a.tutti"]


def test_an_export_that_fails_leaves_no_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert "no file" in refused(["export", str(tmp_path / "a.mid"), "-o", str(out)], capsys)
    assert not out.exists()


# --- what is refused ----------------------------------------------------------------------------


def test_a_song_open_elsewhere_is_read_but_not_written(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    song = tmp_path / "open.tutti"
    shutil.copytree(made / "short.tutti", song)
    with SongFolder.open(song):
        fill = ["fill", str(song), "--bars", "1", "-q", "-o"]
        assert "it is open in another window" in refused([*fill, str(song)], capsys)
        assert cli.main([*fill, str(tmp_path / "x.mid")]) == 0


def test_a_folder_that_cannot_be_written_is_refused_before_any_work(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)
    for words in (
        ["generate", "pop", "-o", str(tmp_path / "x.wav")],
        ["export", str(made / "short.tutti"), "-o", str(tmp_path)],
        ["demo", str(tmp_path)],
    ):
        assert "Nothing can be written to" in refused(words, capsys)
    assert list(tmp_path.iterdir()) == []


def test_what_the_terminal_cannot_show_is_no_failure(made: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "studio", *SHORT, "-o", "静か.mid"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "静か.mid").exists()


def contents(folder: Path) -> dict[Path, bytes]:
    """Every file but the locks, which looking at a song takes and gives back."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "lock")
    return {path: path.read_bytes() for path in files}


def refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert cli.main(words) == 1
    said = capsys.readouterr()
    assert said.out == ""
    lines = [line for line in said.err.splitlines() if line.startswith("studio: ")]
    assert len(lines) == 1
    return lines[0]


# --- notes that are there -----------------------------------------------------------------------


def test_a_variation_keeps_most_notes_and_each_seed_has_a_file(made: Path, tmp_path: Path) -> None:
    words = ["vary", str(made / "waltz.mid"), "--amount", "25%", "--variations", "2", "-q"]
    assert cli.main([*words, "-o", str(tmp_path / "v.mid")]) == 0
    before = read_midi(made / "waltz.mid")
    found = [read_midi(tmp_path / f"v-{number}.mid") for number in (1, 2)]
    for after in found:
        assert 0 < len(changed(before, after)) < played(before)
    assert notes_of(found[0]) != notes_of(found[1])


def test_a_humanised_song_has_the_same_notes_played_otherwise(made: Path, tmp_path: Path) -> None:
    out = tmp_path / "played.tutti"
    assert (
        cli.main(["humanise", str(made / "waltz.tutti"), "--amount", "80", "-q", "-o", str(out)])
        == 0
    )
    before, after = song_at(made / "waltz.tutti"), song_at(out)
    old, new = notes_of(before), notes_of(after)
    assert {n: [row[:3] for row in rows] for n, rows in old.items()} == {
        n: [row[:3] for row in rows] for n, rows in new.items()
    }
    assert old != new


def test_a_melody_is_harmonised_by_new_tracks_alone(made: Path, tmp_path: Path) -> None:
    out = tmp_path / "h.tutti"
    words = ["harmonise", str(made / "short.tutti"), "--track", "Flute", "--parts", "pad,chords"]
    assert cli.main([*words, "--prompt", "jazz", "-q", "-o", str(out)]) == 0
    before, after = song_at(made / "short.tutti"), song_at(out)
    assert [track.role for track in after.sources[2:]] == ["pad", "chords"] or [
        track.role for track in after.sources[2:]
    ] == ["chords", "pad"]
    assert {name: rows for name, rows in notes_of(after).items() if name in notes_of(before)} == (
        notes_of(before)
    )


def test_a_part_is_shared_out_and_muted(made: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.tutti"
    words = ["arrange", str(made / "short.tutti"), "--track", "flute", "--for", "clarinet"]
    assert cli.main([*words, "-q", "-o", str(out)]) == 0
    flute, _, clarinet = song_at(out).sources
    assert clarinet.name == "Clarinet"
    clips = [clip for clip in (flute.clips[0], clarinet.clips[0]) if isinstance(clip, NoteClip)]
    assert [bool(clip.notes.muted.all()) for clip in clips] == [True, False]


def test_a_motif_goes_on_behind_its_bars(made: Path, tmp_path: Path) -> None:
    out = tmp_path / "c.mid"
    words = ["continue", str(made / "waltz.mid"), "--track", "melody", "--motif", "1-2"]
    song = read_midi(made / "waltz.mid")
    melody = next(track.name for track in song.sources if not track.is_drums)
    words[words.index("melody")] = melody
    assert cli.main([*words, "--bars", "2", "-q", "-o", str(out)]) == 0
    bar = song.tempo.meter_at(0).ticks_per_bar
    check_only_in(changed(song, read_midi(out)), 2 * bar, 4 * bar)


def test_a_part_is_added_by_role_instrument_or_words(made: Path, tmp_path: Path) -> None:
    for index, (part, role) in enumerate(
        (("drums", "drums"), ("cello", "counter"), ("soft strings", "pad"))
    ):
        out = tmp_path / f"{index}.tutti"
        assert cli.main(["add", str(made / "short.tutti"), part, "-q", "-o", str(out)]) == 0
        assert [track.role for track in song_at(out).sources][2:] == [role]


def test_chords_and_keys_are_kept_to(made: Path, tmp_path: Path) -> None:
    out = tmp_path / "p.tutti"
    words = ["generate", "pop, only piano", "--bars", "2", "--chords", "Am | F", "--keep-to-chords"]
    assert cli.main([*words, "-q", "-o", str(out)]) == 0
    song = song_at(out)
    assert [span.chord.name() for span in song.chords] == ["Am", "F"]
    bar = song.tempo.meter_at(0).ticks_per_bar
    tones = ({9, 0, 4}, {5, 9, 0})
    for rows in notes_of(song).values():
        assert all(pitch % 12 in tones[start // bar] for start, _, pitch, _ in rows)
    narrow = ["fill", str(out), "--bars", "1-2", "--keys", "C3-C4", "-q"]
    assert cli.main([*narrow, "-o", str(tmp_path / "n.tutti")]) == 0
    assert {r for rows in notes_of(song).values() for r in rows if not 48 <= r[2] <= 60} == {
        r for rows in notes_of(song_at(tmp_path / "n.tutti")).values()
        for r in rows if not 48 <= r[2] <= 60
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["generate", "pop", "--model", "mozart", "-o", "x.mid"], "no model called “mozart”"),
        (["generate", "pop", "--model", "markov", "-o", "x.mid"], "cannot do this"),
        (["generate", "pop", "--bars", "1000", "-o", "x.mid"], "1 to 512 bars"),
        (["generate", "pop", "-o", "x.doc"], "“x.doc” cannot be written"),
        (["generate", "pop", "-o", "x"], "“x” cannot be written"),
        (["generate", "pop", "-o", "nowhere/x.mid"], "no folder called “nowhere”"),
        (["extend", "gone.mid", "--bars", "4", "-o", "x.mid"], "no file called “gone.mid”"),
        (["extend", "text.mid", "--bars", "4", "-o", "x.mid"], "“text.mid”"),
        (["extend", "text.txt", "--bars", "4", "-o", "x.mid"], "neither a song nor a MIDI file"),
        (["extend", "empty.tutti", "--bars", "4", "-o", "x.mid"], "empty.tutti"),
        (["fill", "waltz.mid", "--bars", "3-40", "-o", "x.mid"], "8 bars; there is no bar 9"),
        (["fill", "waltz.mid", "--bars", "12-13", "-o", "x.mid"], "8 bars; there is no bar 12"),
        (["fill", "waltz.mid", "--bars", "2", "--tracks", "Tuba", "-o", "x.mid"], "called “Tuba”"),
        (["fill", "waltz.mid", "--bars", "2", "--tracks", ",", "-o", "x.mid"], "called “”"),
        (["render", "waltz.tutti", "-o", "x.mid"], "“x.mid” cannot be written"),
        (["render", "text.txt", "-o", "x.wav"], "neither a song nor a MIDI file"),
        (["export", "waltz.tutti", "-o", "full"], "“full” is not empty"),
        (["export", "waltz.tutti", "-o", "text.txt"], "“text.txt” is not a folder"),
        (["demo", "full"], "“full” is not empty"),
        (["gone.tutti"], "no file called “gone.tutti”"),
        (["generate", "pop", "-o", "full.mid"], "“full.mid” is a folder"),
        (["generate", "pop", "-o", "waltz.mid"], "or say --force to write over it"),
        (["render", "waltz.tutti", "-o", "sound.wav"], "already something called “sound.wav”"),
        (["add", "sound.wav", "bass", "-o", "waltz.mid"], "already something called “waltz.mid”"),
        (["hum", "sound.wav", "-o", "waltz.mid"], "already something called “waltz.mid”"),
        (["transcribe", "sound.wav", "-o", "waltz.mid"], "already something called “waltz.mid”"),
        (["heal", "sound.wav", "-o", "other.wav"], "already something called “other.wav”"),
        (["fill", "full.mid", "--bars", "1", "-o", "x.mid"], "could not be read"),
        (["fill", "full", "--bars", "1", "-o", "x.mid"], "no song at full"),
        (["fill", "newer.tutti", "--bars", "1", "-o", "x.mid"], "newer version"),
        (["render", "sound.wav", "-o", "x.wav"], "neither a song nor a MIDI file"),
        (["generate", "pop", "-o", "x" * 300 + ".mid"], "cannot be reached"),
        (["fill", "waltz.mid", "--bars", "1", "-o", "waltz.tutti"], "already something called"),
        (["generate", "pop", "-o", "waltz.tutti"], "already something called “waltz.tutti”"),
        (["generate", "pop", "--chords", "C | H7", "-o", "x.mid"], "No chord is called H7"),
        (["harmonise", "waltz.tutti", "--track", "Tuba", "-o", "x.mid"], "called “Tuba”"),
        (["arrange", "waltz.tutti", "--track", "melody", "--for", "gong", "-o", "x.mid"], "gong"),
        (["vary", "waltz.tutti", "--amount", "0", "-o", "x.mid"], "Nothing is to change"),
        (["humanise", "waltz.tutti", "--bars", "9", "-o", "x.mid"], "8 bars; there is no bar 9"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_changes_nothing(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], words: list[str], sentence: str,
) -> None:  # fmt: skip
    shutil.copy(made / "waltz.mid", tmp_path)
    shutil.copytree(made / "waltz.tutti", tmp_path / "waltz.tutti")
    (tmp_path / "text.mid").write_text("not music")
    (tmp_path / "text.txt").write_text("not music")
    (tmp_path / "empty.tutti").mkdir()
    newer = shutil.copytree(made / "waltz.tutti", tmp_path / "newer.tutti") / "project.json"
    newer.write_text(newer.read_text().replace('"version": 1', '"version": 99'))
    shutil.copy(made / "short.wav", tmp_path / "sound.wav")
    shutil.copy(made / "short.wav", tmp_path / "other.wav")
    (tmp_path / "full").mkdir()
    (tmp_path / "full.mid").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    monkeypatch.chdir(tmp_path)
    before = contents(tmp_path)
    assert sentence in refused([*words, "-q"] if len(words) > 1 else words, capsys)
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "required: COMMAND"),
        (["compose"], "invalid choice: 'compose'"),
        (["generate"], "required: words"),
        (["generate", "pop"], "required: -o"),
        (["generate", "pop", "--bars", "0", "-o", "x.mid"], "“0” is not a number of bars"),
        (["generate", "pop", "--bars", "many", "-o", "x.mid"], "“many” is not a number of bars"),
        (["generate", "pop", "--seed", "-1", "-o", "x.mid"], "“-1” is not a whole number"),
        (["fill", "x.mid", "--bars", "9-3", "-o", "y.mid"], "“9-3” ends before it begins"),
        (["fill", "x.mid", "--bars", "0-2", "-o", "y.mid"], "such as 5 or 5-8"),
        (["fill", "x.mid", "--bars", "3-", "-o", "y.mid"], "such as 5 or 5-8"),
        (["fill", "x.mid", "--bars", "one", "-o", "y.mid"], "such as 5 or 5-8"),
        (["render", "x.mid"], "required: -o"),
        (["vary", "x.mid", "--amount", "101", "-o", "y.mid"], "“101” is not a number from 0 to"),
        (["vary", "x.mid", "--amount", "lots", "-o", "y.mid"], "“lots” is not a number from 0"),
        (["harmonise", "x.mid", "-o", "y.mid"], "required: --track"),
        (["continue", "x.mid", "--track", "Flute", "-o", "y.mid"], "required: --motif"),
        (["fill", "x.mid", "--bars", "1", "--keys", "C5-C3", "-o", "y.mid"], "such as C3-C5"),
        (["fill", "x.mid", "--bars", "1", "--keys", "60", "-o", "y.mid"], "such as C3-C5"),
        (["generate", "pop", "--variations", "0", "-o", "x.mid"], "“0” is not a number of var"),
    ],
)
def test_what_is_not_understood_ends_with_status_2(
    words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as raised:
        cli.main(words)
    assert raised.value.code == 2
    said = capsys.readouterr().err
    assert "usage: studio" in said
    assert why in said


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        cli.main(["--help"])
    assert raised.value.code == 0
    said = capsys.readouterr().out
    for command in (
        "demo", "generate", "extend", "fill", "add", "vary", "humanise", "harmonise", "arrange",
        "continue", "render", "export", "models",
    ):  # fmt: skip
        assert command in said


def test_the_command_line_loads_neither_qt_nor_torch() -> None:
    code = (
        "import sys; from studio.cli import main; main.main(['models']);"
        "print([n for n in sys.modules if n.split('.')[0] in ('PySide6', 'torch', 'pyqtgraph')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_damaged_song_is_refused_and_its_backup_taken_in_its_place(tmp_path: Path) -> None:
    with SongFolder.create(tmp_path / "Song", tune(4, "First")) as folder:
        folder.save(tune(5, "Second"))
    (folder.path / "project.json").write_bytes(b"{")
    refused = studio("export", "Song.tutti", "--midi", "-o", "out", "-q", folder=tmp_path, status=1)
    backup = refused.stderr.splitlines()[-1].removeprefix("Name it in place of the song: ")
    studio("export", backup, "--midi", "-o", "out", "-q", folder=tmp_path)
    assert read_midi(tmp_path / "out" / "song.mid").title == "First"
    extend = ("extend", backup, "--bars", "1", "-o", "Song.tutti", "-q")
    studio(*extend, folder=tmp_path)
    assert song_at(tmp_path / "Song.tutti").title == "First"


@pytest.mark.skipif(os.name == "nt", reason="there all arguments are Unicode")
def test_words_in_an_old_encoding_are_read_as_far_as_they_can_be(tmp_path: Path) -> None:
    words = os.fsdecode(b"caf\xe9 jazz, only bass, 1 bar")
    studio("generate", words, "-o", "a.tutti", "-q", folder=tmp_path)
    assert song_at(tmp_path / "a.tutti").end == 3840
