"""A hypothesis strategy for every command class, drawn to fit the song it is applied to.

A command class that is missing here fails `test_every_command_has_a_strategy`.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

import studio.edit
from studio.domain.clip import AudioClip, Clip, ClipId, FadeShape, NoteClip, TakeId
from studio.domain.device import DeviceId
from studio.domain.gap import Gap, Part
from studio.domain.notes import Automation, Notes
from studio.domain.project import Marker, Project
from studio.domain.track import Track, TrackId, TrackKind
from studio.edit import (
    arming,
    bounce,
    clips,
    content,
    controllers,
    groups,
    listening,
    mixer,
    notes,
    painting,
    phrasing,
    recording,
    relink,
    ripple,
    song,
    stems,
    takes,
    tempo,
    tracks,
    transcribing,
)
from studio.edit.command import Command, Edit
from tests import strategies

GONE_CLIP, GONE_TRACK, GONE_DEVICE = ClipId("c99999"), TrackId("t99999"), DeviceId("d99999")
Drawer = Callable[[st.DrawFn, Project], Command]
deltas = st.integers(-8000, 8000)
gestures = st.none() | st.integers(1, 2)


def command_classes() -> set[type]:
    """Every concrete command of `studio.edit`."""
    found: set[type] = set()
    for module in pkgutil.iter_modules(studio.edit.__path__):
        loaded = importlib.import_module(f"studio.edit.{module.name}")
        for _, value in inspect.getmembers(loaded, inspect.isclass):
            if issubclass(value, Edit) and value.label:
                found.add(value)
    return found


def _note_clips(project: Project) -> list[NoteClip]:
    return [clip for _, clip in project.clips() if isinstance(clip, NoteClip)]


def _note_clip(draw: st.DrawFn, project: Project) -> NoteClip:
    found = _note_clips(project)
    return draw(st.sampled_from(found)) if found else NoteClip(GONE_CLIP, 0, 960)


def _ids(draw: st.DrawFn, clip: NoteClip) -> frozenset[int]:
    every = clip.notes.id.tolist()
    return frozenset(draw(st.sets(st.sampled_from(every))) if every else ())


def _clip_ids(draw: st.DrawFn, project: Project) -> frozenset[ClipId]:
    every = [clip.id for _, clip in project.clips()]
    return frozenset(draw(st.sets(st.sampled_from(every), max_size=4)) if every else ())


def _track(draw: st.DrawFn, project: Project, *kinds: TrackKind) -> TrackId:
    found = [track.id for track in project.tracks if not kinds or track.kind in kinds]
    return draw(st.sampled_from(found)) if found else GONE_TRACK


def _device(draw: st.DrawFn, project: Project) -> DeviceId:
    found = [device.id for track in project.tracks for device in track.devices]
    return draw(st.sampled_from(found)) if found else GONE_DEVICE


def _of_notes(make: Callable[[st.DrawFn, ClipId, frozenset[int]], Command]) -> Drawer:
    def draw_it(draw: st.DrawFn, project: Project) -> Command:
        clip = _note_clip(draw, project)
        return make(draw, clip.id, _ids(draw, clip))

    return draw_it


def _any_clip(draw: st.DrawFn, project: Project, kind: TrackKind) -> Clip:
    if kind is TrackKind.INSTRUMENT:
        return draw(strategies.note_clips(project.new_clip_id()))
    return draw(strategies.audio_clips(project.new_clip_id()))


def _add_clip(draw: st.DrawFn, project: Project) -> Command:
    id = _track(draw, project, TrackKind.INSTRUMENT, TrackKind.AUDIO)
    found = project.find_track(id)
    kind = found.kind if found is not None else TrackKind.AUDIO
    return clips.AddClip(id, _any_clip(draw, project, kind))


def _paste(draw: st.DrawFn, project: Project) -> Command:
    every = [(track.id, clip) for track, clip in project.clips()]
    chosen = draw(st.lists(st.sampled_from(every), max_size=3)) if every else []
    return clips.PasteClips(tuple(chosen), draw(strategies.ticks()))


def _trim(draw: st.DrawFn, project: Project) -> Command:
    every = [clip.id for _, clip in project.clips()]
    id = draw(st.sampled_from(every)) if every else GONE_CLIP
    return clips.TrimClip(id, draw(deltas), draw(deltas), draw(gestures))


def _stretch(draw: st.DrawFn, project: Project) -> Command:
    every = [clip.id for _, clip in project.clips()]
    id = draw(st.sampled_from(every)) if every else GONE_CLIP
    return content.StretchClip(id, draw(deltas), draw(deltas), draw(gestures))


def _split(draw: st.DrawFn, project: Project) -> Command:
    ids = _clip_ids(draw, project)
    spans = [(c.start, project.clip_end(c)) for _, c in project.clips() if c.id in ids]
    low, high = spans[0] if spans else (0, 960)
    return clips.SplitClips(ids, draw(st.integers(low, high)))


def _join(draw: st.DrawFn, project: Project) -> Command:
    track = project.find_track(_track(draw, project))
    every = [clip.id for clip in track.clips] if track is not None else []
    return clips.JoinClips(frozenset(draw(st.sets(st.sampled_from(every))) if every else ()))


def _move_point(draw: st.DrawFn, project: Project) -> Command:
    clip = _note_clip(draw, project)
    every = [(lane.parameter, int(t)) for lane in clip.controllers for t in lane.points["tick"]]
    parameter, tick = draw(st.sampled_from(every)) if every else ("cc1", 0)
    value = draw(st.floats(-40, 140))
    return controllers.MovePoint(clip.id, parameter, tick, draw(strategies.ticks()), value)


def _set_clip(draw: st.DrawFn, project: Project) -> Command:
    fields: tuple[tuple[str, Any], ...] = draw(
        st.sampled_from(
            (
                (("muted", True),), (("muted", False),), (("name", "Riff"),), (("gain_db", -3.5),),
                (("fade_in_frames", 480),), (("fade_shape", FadeShape.SMOOTH),),
                (("fade_out_frames", 10**9), ("gain_db", 2.0)),
            )
        )
    )  # fmt: skip
    return clips.SetClip(_clip_ids(draw, project), fields, draw(gestures))


def _new_track(draw: st.DrawFn, project: Project) -> Track:
    kind = draw(st.sampled_from((TrackKind.INSTRUMENT, TrackKind.AUDIO, TrackKind.BUS)))
    strip = draw(strategies.strips(project.new_track_id(), kind))
    if kind is TrackKind.INSTRUMENT:
        device = draw(strategies.instruments(project.new_device_id(1)))
        clip = draw(strategies.note_clips(project.new_clip_id(2)))
        return replace(strip, devices=(device,), clips=(clip,))
    return strip


def _set_send(draw: st.DrawFn, project: Project) -> Command:
    level = draw(st.none() | st.floats(-60, 6))
    source, bus = _track(draw, project), _track(draw, project, TrackKind.BUS)
    return mixer.SetSend(source, bus, level, draw(st.none() | st.booleans()), draw(gestures))


def _automation(draw: st.DrawFn) -> Automation:
    if draw(st.booleans()):
        return draw(strategies.automation("volume", -60.0, 6.0))
    return Automation.of("volume", [], [])


def _set_chords(draw: st.DrawFn, project: Project) -> Command:
    start = draw(strategies.ticks())
    end = start + draw(st.integers(1, 40000))
    spans = draw(strategies.chord_lanes())
    inside = tuple(span for span in spans if start <= span.start and span.end <= end)
    return tempo.SetChords(start, end, inside)


def _place_take(draw: st.DrawFn, project: Project) -> Command:
    start = draw(strategies.ticks())
    on = [track.id for track in project.tracks if track.kind is TrackKind.INSTRUMENT]
    chosen = tuple(draw(st.sets(st.sampled_from(on), max_size=2)) if on else ())
    low = draw(st.integers(0, 60))
    gap = Gap(
        chosen, start, start + draw(st.integers(1, 30000)), low, draw(st.integers(low, 127)),
        notes=draw(strategies.note_sets(project)),
    )  # fmt: skip
    parts = [Part(id, _gap_notes(draw, gap)) for id in chosen]
    if draw(st.booleans()):
        parts.append(Part(None, _gap_notes(draw, gap), "Bass", "bass", 33))
    expected = draw(st.sampled_from((None, gap.contents(project), "something else")))
    return takes.PlaceTake(
        TakeId("k1"), gap, tuple(parts), expected, "A take", draw(strategies.tempo_maps()),
        draw(strategies.keys), draw(strategies.chord_lanes()), ((gap.start, "Verse"),),
        played=draw(st.booleans()), muted=draw(strategies.note_sets(project)),
    )  # fmt: skip


def _gap_notes(draw: st.DrawFn, gap: Gap) -> Notes:
    written = draw(strategies.notes())
    return written.with_columns(start=gap.start + written.start % gap.length)


def _marker_tick(draw: st.DrawFn, project: Project) -> int:
    ticks = [marker.tick for marker in project.markers]
    return draw(st.sampled_from(ticks) if ticks else strategies.ticks())


def _tempo_tick(draw: st.DrawFn, project: Project) -> int:
    return draw(st.sampled_from([t.tick for t in project.tempo.tempos]) | strategies.ticks())


def _place_stems(draw: st.DrawFn, project: Project) -> Command:
    """Stems of a clip of the song, as it is or as it was, or of one that is gone."""
    there = [(t.id, c) for t, c in project.clips() if isinstance(c, AudioClip)]
    gone = st.tuples(st.just(GONE_TRACK), strategies.audio_clips(GONE_CLIP))
    track, clip = draw(st.sampled_from(there) | gone if there else gone)
    shown = [clip.offset_frames, clip.offset_frames + clip.length_frames]
    first = draw(st.integers(0, min(shown)))
    frames = max(shown) - first + draw(st.integers(0, 100))
    found = draw(st.lists(strategies.audio_sources(), min_size=2, max_size=4))
    rate = clip.source.sample_rate
    sources = (replace(source, frames=frames, sample_rate=rate) for source in found)
    named = tuple(zip(("drums", "bass", "vocals", "other"), sources, strict=False))
    return stems.PlaceStems(TakeId("k7"), track, clip, named, first, draw(st.booleans()))


def _place_painted(draw: st.DrawFn, project: Project) -> Command:
    """A version of a recording of the song, as its clip is or was, or of one that is gone."""
    there = [(t.id, c) for t, c in project.clips() if isinstance(c, AudioClip)]
    gone = st.tuples(st.just(GONE_TRACK), strategies.audio_clips(GONE_CLIP))
    track, clip = draw(st.sampled_from(there) | gone if there else gone)
    first = draw(st.integers(0, min([clip.offset_frames, *clip.turns])))
    frames = clip.source.frames - first + draw(st.integers(0, 100))
    version = replace(draw(strategies.audio_sources()), frames=frames)
    version = replace(version, sample_rate=clip.source.sample_rate)
    take = draw(st.none() | st.just(TakeId("k9")))
    return painting.PlacePainted(track, clip, version, first, take, draw(st.booleans()))


def _recording(draw: st.DrawFn, project: Project) -> AudioClip:
    """A recording of the song that lies elsewhere, or one that is gone."""
    there = [clip for _, clip in project.clips() if isinstance(clip, AudioClip)]
    gone = strategies.audio_clips(GONE_CLIP)
    clip = draw(st.sampled_from(there) | gone if there else gone)
    return replace(clip, start=draw(strategies.ticks()))


def _follow(draw: st.DrawFn, project: Project) -> Command:
    tempo, key = draw(strategies.tempo_maps()), draw(st.none() | strategies.keys)
    return listening.FollowRecording(tempo, key, (_recording(draw, project),))


def _write_heard(draw: st.DrawFn, project: Project) -> Command:
    spans, tick = draw(strategies.chord_lanes()), draw(strategies.ticks())
    end = max([tick + 1, *(span.end for span in spans)]) - draw(st.sampled_from((0, 0, 0, 1)))
    key = draw(st.none() | strategies.keys)
    return listening.WriteHeard(0, end, spans, (Marker(tick, "A"),), key)


def _place_recorded(draw: st.DrawFn, project: Project) -> Command:
    """Sound and notes, on tracks of the song or on one that is gone."""
    sung = []
    for _ in range(draw(st.integers(0, 3))):
        track = draw(st.sampled_from((GONE_TRACK, _track(draw, project, TrackKind.AUDIO))))
        rate = project.sample_rate
        clip = draw(strategies.audio_clips())
        source = replace(clip.source, sample_rate=rate)
        sung.append(
            recording.Sung(
                track, "Voice", source, draw(st.integers(0, 60 * rate)), clip.offset_frames,
                clip.length_frames, clip.turns, clip.turn, draw(st.booleans()),
            )
        )  # fmt: skip
    track = draw(st.sampled_from((GONE_TRACK, _track(draw, project, TrackKind.INSTRUMENT))))
    start = draw(strategies.ticks())
    lanes = (draw(strategies.automation("cc1", 0, 127)),)
    played = recording.Played(
        track, "Keys", draw(strategies.notes()), lanes, start, start + draw(st.integers(1, 9000))
    )
    return recording.PlaceRecorded(tuple(sung), (played,) if draw(st.booleans()) else ())


def _choose_turn(draw: st.DrawFn, project: Project) -> Command:
    clip = _recording(draw, project)
    return recording.ChooseTurn(clip.id, draw(st.integers(0, 3)))


def _place_beside(draw: st.DrawFn, project: Project) -> Command:
    """Parts for a recording that may have moved, changed or gone since, or in another tempo."""
    then = _recording(draw, project)
    owner = Track(TrackId("t9001"), TrackKind.AUDIO, "A", clips=(then,))
    kept = tuple(t for t in project.tracks if then.id not in {clip.id for clip in t.clips})
    song = replace(project, tracks=(owner, *kept))
    if draw(st.booleans()):
        song = replace(song, tempo=draw(strategies.tempo_maps()))
    start = draw(strategies.ticks())
    drums = draw(st.booleans())
    part = Part(None, draw(strategies.notes()), draw(st.sampled_from(("x", "Bass"))), drums=drums)
    flags = (draw(st.booleans()), draw(st.booleans()))
    return transcribing.PlaceBeside(
        TakeId("k8"), song, then.id, start, start + draw(st.integers(1, 9600)), (part,), "x",
        flags[0], draw(st.none() | strategies.keys), draw(strategies.chord_lanes()), *flags,
    )  # fmt: skip


def _place_bounce(draw: st.DrawFn, project: Project) -> Command:
    id = _track(draw, project, TrackKind.INSTRUMENT, TrackKind.AUDIO)
    found = project.find_track(id)
    every = found.clips if found is not None else ()
    some = draw(st.sets(st.integers(0, len(every) - 1), min_size=1)) if every else set()
    chosen = tuple(every[index] for index in sorted(some))
    chosen = chosen or (draw(strategies.audio_clips(GONE_CLIP)),)
    return bounce.PlaceBounce(id, chosen, draw(strategies.audio_sources()), draw(st.booleans()))


def _replace_sources(draw: st.DrawFn, project: Project) -> Command:
    """As long a recording for one of the song, or any other."""
    clip = _recording(draw, project)
    longer = replace(clip.source, media=draw(strategies.media_hashes))
    source = draw(st.just(longer) | strategies.audio_sources())
    return relink.ReplaceSources(((clip.source.media, source),))


def _time(draw: st.DrawFn, project: Project) -> tuple[frozenset[TrackId] | None, int, int]:
    every = [track.id for track in project.tracks]
    chosen = draw(st.none() | st.sets(st.sampled_from(every)))
    start = draw(strategies.ticks())
    return (None if chosen is None else frozenset(chosen)), start, draw(st.integers(1, 30000))


def _clear_range(draw: st.DrawFn, project: Project) -> Command:
    chosen, start, length = _time(draw, project)
    return ripple.ClearRange(chosen or frozenset(), start, start + length)


def _delete_time(draw: st.DrawFn, project: Project) -> Command:
    chosen, start, length = _time(draw, project)
    return ripple.DeleteTime(chosen, start, start + length)


COLUMNS = (("locked", True), ("muted", True), ("fresh", False), ("velocity", 64), ("timing", -12))

DRAWERS: dict[type, Drawer] = {
    notes.AddNotes: lambda draw, p: notes.AddNotes(
        _note_clip(draw, p).id, draw(strategies.notes()), draw(gestures)
    ),
    notes.DeleteNotes: _of_notes(lambda draw, c, i: notes.DeleteNotes(c, i, draw(gestures))),
    notes.MoveNotes: _of_notes(
        lambda draw, c, i: notes.MoveNotes(
            c, i, draw(deltas), draw(st.integers(-30, 30)), draw(gestures)
        )
    ),
    notes.CopyNotes: _of_notes(
        lambda draw, c, i: notes.CopyNotes(c, i, draw(deltas), draw(st.integers(-30, 30)))
    ),
    notes.ResizeNotes: _of_notes(
        lambda draw, c, i: notes.ResizeNotes(c, i, draw(deltas), draw(deltas), 30, draw(gestures))
    ),
    notes.SetNotes: _of_notes(
        lambda draw, c, i: notes.SetNotes(c, i, (draw(st.sampled_from(COLUMNS)),), draw(gestures))
    ),
    notes.ChangeVelocity: _of_notes(
        lambda draw, c, i: notes.ChangeVelocity(c, i, draw(st.integers(-127, 127)), draw(gestures))
    ),
    notes.SetVelocities: _of_notes(
        lambda draw, c, i: notes.SetVelocities(
            c, tuple((id, draw(st.integers(1, 127))) for id in sorted(i))
        )
    ),
    phrasing.QuantiseNotes: _of_notes(
        lambda draw, c, i: phrasing.QuantiseNotes(
            c,
            i,
            draw(st.sampled_from((0, 80, 240, 960, 3840))),
            draw(st.floats(0, 1)),
            draw(st.booleans()),
            draw(st.booleans()),
            draw(st.floats(0, 1)),
            draw(st.integers(0, 200)),
        )
    ),
    phrasing.HumaniseNotes: _of_notes(
        lambda draw, c, i: phrasing.HumaniseNotes(
            c, i, draw(st.integers(0, 200)), draw(st.integers(0, 60)), draw(st.integers(0, 5))
        )
    ),
    phrasing.LegatoNotes: _of_notes(
        lambda draw, c, i: phrasing.LegatoNotes(c, i, draw(st.integers(-240, 240)))
    ),
    phrasing.StaccatoNotes: _of_notes(
        lambda draw, c, i: phrasing.StaccatoNotes(c, i, draw(st.floats(0, 2)))
    ),
    phrasing.ReverseNotes: _of_notes(lambda draw, c, i: phrasing.ReverseNotes(c, i)),
    phrasing.FlipNotes: _of_notes(
        lambda draw, c, i: phrasing.FlipNotes(c, i, draw(st.none() | strategies.keys))
    ),
    phrasing.StrumNotes: _of_notes(
        lambda draw, c, i: phrasing.StrumNotes(c, i, draw(st.integers(-240, 240)))
    ),
    phrasing.SwellNotes: _of_notes(
        lambda draw, c, i: phrasing.SwellNotes(c, i, draw(st.floats(0, 2)), draw(st.floats(0, 2)))
    ),
    phrasing.FlamNotes: _of_notes(
        lambda draw, c, i: phrasing.FlamNotes(c, i, draw(st.integers(0, 240)))
    ),
    phrasing.MoveInKey: _of_notes(
        lambda draw, c, i: phrasing.MoveInKey(
            c, i, draw(deltas), draw(st.integers(-9, 9)), draw(strategies.keys)
        )
    ),
    notes.SplitNotes: _of_notes(
        lambda draw, c, i: notes.SplitNotes(c, i, draw(strategies.ticks()))
    ),
    notes.JoinNotes: _of_notes(lambda draw, c, i: notes.JoinNotes(c, i)),
    notes.FitToKey: _of_notes(lambda draw, c, i: notes.FitToKey(c, i, draw(strategies.keys))),
    controllers.DrawController: lambda draw, p: controllers.DrawController(
        _note_clip(draw, p).id,
        draw(st.sampled_from(("cc1", "bend"))),
        tuple(draw(st.lists(st.tuples(strategies.ticks(), st.floats(-40, 140)), max_size=4))),
        draw(st.booleans()),
    ),
    controllers.EraseController: lambda draw, p: controllers.EraseController(
        _note_clip(draw, p).id, "cc1", draw(strategies.ticks()), draw(strategies.ticks())
    ),
    controllers.MovePoint: _move_point,
    notes.SetController: lambda draw, p: notes.SetController(
        _note_clip(draw, p).id, draw(strategies.automation("cc1", 0, 127))
    ),
    clips.AddClip: _add_clip,
    clips.DeleteClips: lambda draw, p: clips.DeleteClips(_clip_ids(draw, p)),
    clips.MoveClips: lambda draw, p: clips.MoveClips(
        _clip_ids(draw, p), draw(deltas), draw(st.integers(-2, 2)), draw(gestures)
    ),
    clips.CopyClips: lambda draw, p: clips.CopyClips(
        _clip_ids(draw, p), draw(deltas), draw(st.integers(-2, 2)), draw(gestures)
    ),
    clips.PasteClips: _paste,
    clips.TrimClip: _trim,
    clips.SplitClips: _split,
    clips.JoinClips: _join,
    clips.SetClip: _set_clip,
    content.SlipClips: lambda draw, p: content.SlipClips(
        _clip_ids(draw, p), draw(deltas), draw(gestures)
    ),
    content.StretchClip: _stretch,
    tracks.AddTrack: lambda draw, p: tracks.AddTrack(
        _new_track(draw, p), draw(st.none() | st.integers(0, 5))
    ),
    tracks.DeleteTracks: lambda draw, p: tracks.DeleteTracks(frozenset({_track(draw, p)})),
    tracks.MoveTrack: lambda draw, p: tracks.MoveTrack(_track(draw, p), draw(st.integers(-1, 6))),
    tracks.SetTrack: lambda draw, p: tracks.SetTrack(
        _track(draw, p), (draw(st.sampled_from((("name", "Lead"), ("color", 5), ("role", "pad")))),)
    ),
    tracks.DuplicateTrack: lambda draw, p: tracks.DuplicateTrack(_track(draw, p)),
    groups.GroupTracks: lambda draw, p: groups.GroupTracks(
        frozenset({_track(draw, p), _track(draw, p)}), draw(st.sampled_from(("Band", "", "Horns")))
    ),
    groups.UngroupTracks: lambda draw, p: groups.UngroupTracks(frozenset({_track(draw, p)})),
    groups.RenameGroup: lambda draw, p: groups.RenameGroup(
        draw(st.sampled_from(("Band", "Strings"))), draw(st.sampled_from(("Band", "Choir", " ")))
    ),
    groups.MoveRows: lambda draw, p: groups.MoveRows(
        tuple({_track(draw, p), _track(draw, p)}), _track(draw, p)
    ),
    tracks.FreezeTrack: lambda draw, p: tracks.FreezeTrack(
        _track(draw, p), draw(st.none() | strategies.frozen)
    ),
    bounce.PlaceBounce: _place_bounce,
    tracks.SetInstrument: lambda draw, p: tracks.SetInstrument(
        _track(draw, p), draw(st.integers(-1, 127)), draw(st.booleans())
    ),
    tracks.AddDevice: lambda draw, p: tracks.AddDevice(
        _track(draw, p), draw(strategies.effects(p.new_device_id())), draw(st.none() | st.just(0))
    ),
    tracks.RemoveDevice: lambda draw, p: tracks.RemoveDevice(_device(draw, p)),
    tracks.MoveDevice: lambda draw, p: tracks.MoveDevice(
        _device(draw, p), draw(st.integers(-1, 3))
    ),
    tracks.SetKnobs: lambda draw, p: tracks.SetKnobs(
        _device(draw, p),
        (("wet", draw(st.floats(0, 1))), ("mix", 0.5)),
        draw(st.none() | st.just("Plate")),
        draw(gestures),
    ),
    tracks.SetDevice: lambda draw, p: tracks.SetDevice(
        _device(draw, p), draw(st.sampled_from(("", "mix", "gain_db"))), draw(st.floats(-24, 24))
    ),
    mixer.SetVolume: lambda draw, p: mixer.SetVolume(
        _track(draw, p), draw(st.floats(-200, 40)), draw(gestures)
    ),
    mixer.SetPan: lambda draw, p: mixer.SetPan(_track(draw, p), draw(st.floats(-2, 2))),
    mixer.SetMute: lambda draw, p: mixer.SetMute(
        frozenset({_track(draw, p), _track(draw, p)}), draw(st.booleans())
    ),
    mixer.SetSolo: lambda draw, p: mixer.SetSolo(
        frozenset({_track(draw, p)}), draw(st.booleans()), draw(st.booleans())
    ),
    mixer.SetSend: _set_send,
    arming.SetArmed: lambda draw, p: arming.SetArmed(
        frozenset({_track(draw, p), _track(draw, p)}), draw(st.booleans())
    ),
    arming.SetMonitor: lambda draw, p: arming.SetMonitor(
        frozenset({_track(draw, p), _track(draw, p)}), draw(st.booleans())
    ),
    arming.SetInput: lambda draw, p: arming.SetInput(
        _track(draw, p), draw(st.sampled_from(((0,), (1,), (0, 1), (), (2,))))
    ),
    mixer.DrawAutomation: lambda draw, p: mixer.DrawAutomation(
        _track(draw, p),
        draw(st.sampled_from(("volume", "pan"))),
        tuple(draw(st.lists(st.tuples(strategies.ticks(), st.floats(-130, 20)), max_size=4))),
    ),
    mixer.EraseAutomation: lambda draw, p: mixer.EraseAutomation(
        _track(draw, p), "volume", draw(strategies.ticks()), draw(strategies.ticks())
    ),
    mixer.MoveAutomationPoint: lambda draw, p: mixer.MoveAutomationPoint(
        _track(draw, p),
        "volume",
        draw(strategies.ticks()),
        draw(strategies.ticks()),
        draw(st.floats(-130, 20)),
    ),
    mixer.ShiftAutomation: lambda draw, p: mixer.ShiftAutomation(
        _track(draw, p), "volume", draw(strategies.ticks()), draw(st.floats(-130, 20))
    ),
    mixer.SetAutomation: lambda draw, p: mixer.SetAutomation(_track(draw, p), _automation(draw)),
    tempo.SetTempo: lambda draw, p: tempo.SetTempo(
        _tempo_tick(draw, p), draw(st.none() | st.floats(1, 999)), draw(gestures)
    ),
    tempo.SetMeter: lambda draw, p: tempo.SetMeter(
        draw(strategies.ticks()), draw(st.integers(0, 13)), draw(st.sampled_from((2, 4, 8, 5)))
    ),
    tempo.MoveTempo: lambda draw, p: tempo.MoveTempo(
        _tempo_tick(draw, p), draw(strategies.ticks()), draw(st.floats(1, 999)), draw(gestures)
    ),
    tempo.MoveMeter: lambda draw, p: tempo.MoveMeter(
        draw(st.sampled_from([m.tick for m in p.tempo.meters]) | st.just(7)),
        draw(st.none() | st.integers(0, 40)),
    ),
    tempo.SetTempoMap: lambda draw, p: tempo.SetTempoMap(draw(strategies.tempo_maps())),
    tempo.SetKey: lambda draw, p: tempo.SetKey(draw(st.none() | strategies.keys)),
    tempo.SetChords: _set_chords,
    tempo.SetChord: lambda draw, p: tempo.SetChord(
        draw(strategies.ticks()), draw(st.integers(0, 9000)), draw(st.none() | strategies.chords)
    ),
    tempo.SetMarker: lambda draw, p: tempo.SetMarker(
        _marker_tick(draw, p), draw(st.sampled_from(("Verse", "Chorus", "")))
    ),
    tempo.MoveMarker: lambda draw, p: tempo.MoveMarker(
        _marker_tick(draw, p), draw(strategies.ticks()), draw(gestures)
    ),
    tempo.SetTitle: lambda draw, p: tempo.SetTitle(draw(strategies.names)),
    song.RestoreSong: lambda draw, p: song.RestoreSong(draw(strategies.projects())),
    takes.PlaceTake: _place_take,
    painting.PlacePainted: _place_painted,
    stems.PlaceStems: _place_stems,
    listening.FollowRecording: _follow,
    transcribing.PlaceBeside: _place_beside,
    listening.FitRecording: lambda draw, p: listening.FitRecording((_recording(draw, p),)),
    listening.WriteHeard: _write_heard,
    recording.PlaceRecorded: _place_recorded,
    recording.ChooseTurn: _choose_turn,
    relink.ReplaceSources: _replace_sources,
    ripple.ClearRange: _clear_range,
    ripple.DeleteTime: _delete_time,
    ripple.InsertTime: lambda draw, p: ripple.InsertTime(*_time(draw, p)),
    ripple.RippleDelete: lambda draw, p: ripple.RippleDelete(_clip_ids(draw, p)),
    takes.KeepNotes: lambda draw, p: takes.KeepNotes(_clip_ids(draw, p)),
}

ORDER = sorted(DRAWERS, key=lambda kind: kind.__name__)


@st.composite
def drawn(draw: st.DrawFn, kind: type, project: Project) -> Command:
    """A command of class `kind` that fits `project`."""
    return DRAWERS[kind](draw, project)
