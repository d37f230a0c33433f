"""Every action of the studio as a row of one table, and the Qt actions made from it.

Menus, shortcuts, tooltips, the command palette and the key sheet all come from these rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from studio.ui.tr import tr

MENUS = ("File", "Edit", "Notes", "Track", "Write", "Transport", "View", "Help")


@dataclass(frozen=True, slots=True)
class Row:
    """One action.

    Attributes:
        does: `<receiver>.<method>` and, after a space, its one argument.
        keys: The first one is shown; the others work too.
        menu: One of `MENUS`; a row without one is found by the palette only.
        when: Name of the condition under which it can be used.
        on: Name of the condition under which it shows as switched on; empty for no switch.
        line: A line is drawn above it in its menu.
    """

    id: str
    title: str
    does: str
    keys: tuple[str, ...] = ()
    menu: str = ""
    when: str = "always"
    on: str = ""
    line: bool = False


ROWS: tuple[Row, ...] = (
    Row("new", "New song", "files.new", ("Ctrl+N",), "File"),
    Row("open", "Open song…", "files.open", ("Ctrl+O",), "File"),
    Row("save", "Save", "files.save", ("Ctrl+S",), "File", line=True),
    Row("save_as", "Save as…", "files.save_as", ("Ctrl+Shift+S",), "File"),
    Row("find_missing", "Find missing recordings…", "files.find_missing", (), "File"),
    Row("clean_up", "Clean up…", "files.clean_up", (), "File"),
    Row("import", "Import MIDI or audio…", "files.import_files", ("Ctrl+I",), "File", line=True),
    Row("export", "Export…", "files.export", ("Ctrl+E",), "File", "has_clips"),
    Row("export_again", "Export again", "files.export_again", ("Ctrl+Shift+E",), "File",
        "has_clips"),
    Row("preferences", "Preferences…", "window.show_preferences", ("Ctrl+,",), "File", line=True),
    Row("quit", "Quit", "window.close", ("Ctrl+Q",), "File", line=True),
    # -- Edit
    Row("undo", "Undo", "song.undo", ("Ctrl+Z",), "Edit", "can_undo"),
    Row("redo", "Redo", "song.redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "Edit", "can_redo"),
    Row("history", "History…", "window.show_history", ("Ctrl+H",), "Edit"),
    Row("cut", "Cut", "view.cut", ("Ctrl+X",), "Edit", "selected", line=True),
    Row("copy", "Copy", "view.copy", ("Ctrl+C",), "Edit", "selected"),
    Row("paste", "Paste", "view.paste", ("Ctrl+V",), "Edit"),
    Row("duplicate", "Duplicate", "view.duplicate", ("Ctrl+D",), "Edit", "selected"),
    Row("delete", "Delete", "view.delete", ("Del", "Backspace"), "Edit", "selected"),
    Row("take_lanes", "Takes of the clip", "view.show_takes", ("Y",), "Edit", "has_chosen"),
    Row("ripple_delete", "Delete and close up", "view.ripple_delete",
        ("Ctrl+Del", "Ctrl+Backspace"), "Edit", "selected"),
    Row("insert_time", "Insert time", "view.insert_time", ("Ctrl+Shift+I",), "Edit", "has_clips"),
    Row("select_all", "Select all", "view.select_all", ("Ctrl+A",), "Edit", "has_clips"),
    Row("select_next", "Select the next", "view.select_next", ("Alt+Right",), "Edit", "has_clips"),
    Row("select_previous", "Select the one before", "view.select_previous", ("Alt+Left",), "Edit",
        "has_clips"),
    Row("split", "Split at the playhead", "view.split", ("S",), "Edit", "has_clips", line=True),
    Row("join", "Join", "view.join", ("Ctrl+J",), "Edit", "selected"),
    Row("nudge_left", "Nudge earlier", "view.nudge_left", ("Left",), "Edit", "selected"),
    Row("nudge_right", "Nudge later", "view.nudge_right", ("Right",), "Edit", "selected"),
    Row("mute_selected", "Mute what is selected", "view.toggle_mute", ("U",), "Edit", "selected"),
    # -- Notes
    Row("up", "Semitone up", "view.transpose 1", ("Up",), "Notes", "selected"),
    Row("down", "Semitone down", "view.transpose -1", ("Down",), "Notes", "selected"),
    Row("octave_up", "Octave up", "view.transpose 12", ("Shift+Up",), "Notes", "selected"),
    Row("octave_down", "Octave down", "view.transpose -12", ("Shift+Down",), "Notes", "selected"),
    Row("louder", "Louder", "view.change_velocity 8", ("Ctrl+Up",), "Notes", "selected", line=True),
    Row("softer", "Softer", "view.change_velocity -8", ("Ctrl+Down",), "Notes", "selected"),
    Row("quantise", "Quantise", "view.quantise", ("Q",), "Notes", "selected", line=True),
    Row("quantise_as", "Quantise as…", "view.shape quantise", ("Alt+Q",), "Notes", "about_notes"),
    Row("shape_humanise", "Humanise timing and velocity…", "view.shape humanise", (), "Notes",
        "about_notes"),
    Row("shape_legato", "Legato…", "view.shape legato", (), "Notes", "about_notes"),
    Row("shape_staccato", "Staccato…", "view.shape staccato", (), "Notes", "about_notes"),
    Row("shape_reverse", "Reverse notes…", "view.shape reverse", (), "Notes", "about_notes"),
    Row("shape_flip", "Flip notes…", "view.shape flip", (), "Notes", "about_notes"),
    Row("shape_strum", "Strum…", "view.shape strum", (), "Notes", "about_notes"),
    Row("shape_flam", "Flam…", "view.shape flam", (), "Notes", "about_notes"),
    Row("shape_crescendo", "Crescendo…", "view.shape crescendo", (), "Notes", "about_notes"),
    Row("lock", "Lock notes from models", "view.toggle_lock", ("Shift+K",), "Notes", "selected"),
    Row("keep", "Keep what was written", "view.keep", ("Ctrl+Shift+K",), "Notes", "selected"),
    Row("fit_to_key", "Fit to key", "view.fit_to_key", (), "Notes", "has_clips"),
    # -- Track
    Row("add_instrument", "Add instrument track", "tracks.add_instrument", ("Ctrl+T",), "Track"),
    Row("add_audio", "Add audio track", "tracks.add_audio", ("Ctrl+Shift+T",), "Track"),
    Row("add_bus", "Add bus", "tracks.add_bus", (), "Track"),
    Row("copy_track", "Duplicate track", "tracks.duplicate", (), "Track", "has_track"),
    Row("delete_track", "Delete track", "tracks.delete", ("Ctrl+Shift+Del",), "Track", "has_track"),
    Row("mute_track", "Mute track", "tracks.toggle_mute", ("Shift+M",), "Track", "has_track",
        line=True),
    Row("solo_track", "Solo track", "tracks.toggle_solo", ("Shift+S",), "Track", "has_track"),
    Row("group_tracks", "Group or ungroup tracks", "view.group_tracks", ("Ctrl+Alt+G",), "Track",
        "has_track", line=True),
    Row("freeze", "Freeze or thaw track", "bouncing.toggle_freeze", ("Ctrl+Shift+F",), "Track",
        "has_track"),
    Row("bounce", "Bounce in place", "bouncing.bounce", ("Ctrl+Alt+B",), "Track", "has_chosen"),
    Row("bounce_to_track", "Bounce to a new track", "bouncing.bounce_to_track", (), "Track",
        "has_chosen"),
    # -- Write
    Row("write", "Write", "window.write", ("Ctrl+Return", "Ctrl+Enter"), "Write"),
    Row("stop_writing", "Stop writing", "generation.cancel", ("Ctrl+.",), "Write", "writing"),
    Row("prompt", "Describe what to write", "window.focus_prompt", ("Ctrl+G",), "Write"),
    Row("roll_seed", "Roll the seed", "generation.roll_seed", (), "Write"),
    Row("rewrite", "Rewrite the selection", "generation.do rewrite", (), "Write", "selected",
        line=True),
    Row("vary", "Vary", "generation.do vary", (), "Write", "about_notes"),
    Row("busier", "Make it busier", "generation.do busier", (), "Write", "about_notes"),
    Row("calmer", "Make it calmer", "generation.do calmer", (), "Write", "about_notes"),
    Row("humanise", "Humanise", "generation.do humanise", (), "Write", "about_notes"),
    Row("continue", "Continue from these notes", "generation.do continue", (), "Write",
        "about_notes", line=True),
    Row("harmonise", "Harmonise", "generation.do harmonise", (), "Write", "about_notes"),
    Row("arrange", "Arrange for other instruments", "generation.do arrange", (), "Write",
        "about_notes"),
    Row("add_melody", "Add a melody that fits", "generation.add melody", (), "Write", "has_clips",
        line=True),
    Row("add_counter", "Add a counter-melody that fits", "generation.add counter", (), "Write",
        "has_clips"),
    Row("add_chords", "Add chords that fit", "generation.add chords", (), "Write", "has_clips"),
    Row("add_pad", "Add a pad that fits", "generation.add pad", (), "Write", "has_clips"),
    Row("add_bass", "Add a bass that fits", "generation.add bass", (), "Write", "has_clips"),
    Row("add_drums", "Add drums that fit", "generation.add drums", (), "Write", "has_clips"),
    Row("extend", "Extend the song", "generation.do extend", (), "Write", "has_clips", line=True),
    Row("extend_before", "Write before the song", "generation.do extend_before", (), "Write",
        "has_clips"),
    Row("split_stems", "Split into stems…", "window.split_stems", (), "Write", "has_recording",
        line=True),
    Row("listen", "Listen to it", "listening.listen", ("Ctrl+Shift+L",), "Write", "has_recording",
        line=True),
    Row("follow_recording", "Make this the song's tempo map", "listening.follow", (), "Write",
        "has_recording"),
    Row("fit_recording", "Fit this recording to the song", "listening.fit", (), "Write",
        "has_recording"),
    Row("write_heard", "Write its chords and sections", "listening.write", (), "Write",
        "has_recording"),
    Row("notes_from", "Notes from this recording", "transcribing.write_down notes", (), "Write",
        "hears", line=True),
    Row("drums_from", "Drums from this recording", "transcribing.write_down drums", (), "Write",
        "hears"),
    Row("melody_from", "Melody from this recording", "transcribing.write_down melody", (), "Write",
        "hears"),
    Row("harmonise_tune", "Harmonise this tune", "transcribing.harmonise", (), "Write", "hears"),
    Row("beside_bass", "Add a bass to this recording", "transcribing.add_part bass", (), "Write",
        "hears"),
    Row("beside_drums", "Add drums to this recording", "transcribing.add_part drums", (), "Write",
        "hears"),
    Row("beside_chords", "Add chords to this recording", "transcribing.add_part chords", (),
        "Write", "hears"),
    Row("beside_melody", "Add a melody to this recording", "transcribing.add_part melody", (),
        "Write", "hears"),
    Row("to_takes", "Go to the takes", "window.focus_takes", ("Ctrl+Shift+G",), "Write",
        line=True),
    # -- Transport
    Row("play", "Play or stop", "playback.toggle", ("Space",), "Transport"),
    Row("play_selection", "Play from the selection", "transport.play_selection", ("Shift+Space",),
        "Transport"),
    Row("play_range", "Play the selection only", "transport.play_range", ("Ctrl+Shift+Space",),
        "Transport", "selected"),
    Row("return", "Stop and return", "transport.stop_or_write", ("Return", "Enter"), "Transport"),
    Row("to_start", "Go to the start", "transport.to_start", ("Home",), "Transport"),
    Row("to_end", "Go to the end", "transport.to_end", ("End",), "Transport"),
    Row("record", "Record", "recording.toggle", ("R",), "Transport", on="recording", line=True),
    Row("arm", "Arm the track", "arming.toggle_armed", ("Shift+R",), "Transport", "has_track"),
    Row("monitor", "Hear the track's input while armed", "arming.toggle_monitor", (),
        "Transport", "has_track"),
    Row("punch", "Punch in and out at the loop's range", "recording.toggle_punch", ("P",),
        "Transport", on="punching"),
    Row("count_in", "Count in: off, one bar, two bars", "transport.change_count_in", (),
        "Transport", on="counts_in"),
    Row("newer_take", "Newer take of the recording", "transport.show_other_take 1", (),
        "Transport", "has_turns"),
    Row("older_take", "Older take of the recording", "transport.show_other_take -1", (),
        "Transport", "has_turns"),
    Row("loop", "Loop", "transport.toggle_loop", ("L",), "Transport", on="looping", line=True),
    Row("loop_selection", "Loop the selection", "transport.loop_selection", ("Ctrl+L",),
        "Transport", "selected"),
    Row("metronome", "Metronome", "transport.toggle_metronome", ("K",), "Transport",
        on="metronome"),
    Row("tap", "Tap the tempo", "transport.tap", ("T",), "Transport"),
    Row("marker", "Set a marker", "transport.set_marker", ("M",), "Transport"),
    # -- View
    Row("zoom_in", "Zoom in", "view.zoom_in", ("=", "+"), "View"),
    Row("zoom_out", "Zoom out", "view.zoom_out", ("-",), "View"),
    Row("zoom_selection", "Zoom to the selection", "view.zoom_to_selection", ("Z",), "View"),
    Row("zoom_back", "Zoom back", "view.zoom_back", ("X", "Shift+Z"), "View"),
    Row("zoom_fit", "Fit the song", "view.zoom_fit", ("F",), "View"),
    Row("tool_select", "Select tool", "view.set_tool select", ("1",), "View", line=True),
    Row("tool_draw", "Draw tool", "view.set_tool draw", ("2",), "View"),
    Row("tool_erase", "Erase tool", "view.set_tool erase", ("3",), "View"),
    Row("tool_knife", "Knife tool", "view.set_tool knife", ("4",), "View"),
    Row("tool_range", "Range tool", "view.set_tool range", ("5",), "View"),
    Row("tool_paint", "Paint tool", "view.set_tool paint", ("6",), "View"),
    Row("snap", "Snap to the grid", "view.toggle_snap", ("N",), "View"),
    Row("follow", "Follow the playhead", "view.toggle_follow", ("Shift+F",), "View"),
    Row("tempo_track", "Tempo and meter in the ruler", "view.toggle_tempo", ("Shift+T",), "View"),
    Row("ghosts", "Notes of other tracks", "view.toggle_ghosts", (",",), "View"),
    Row("heard", "Notes heard in the recording", "view.toggle_heard", ("H",), "View"),
    Row("automation", "Automation over the clips", "view.toggle_automation", ("A",), "View"),
    Row("audition", "Hear notes while editing", "view.toggle_audition", ("Shift+H",), "View"),
    Row("loop_clip", "Loop this clip", "view.toggle_clip_loop", ("Shift+L",), "View"),
    Row("fold", "Fold rows to the scale or kit", "view.toggle_fold", ("Shift+O",), "View"),
    Row("in_key", "Keep notes in the key", "view.toggle_in_key", ("Shift+I",), "View"),
    Row("typing", "Play notes with the letter keys", "view.toggle_typing", ("Shift+P",), "View"),
    Row("step_input", "Step input", "view.toggle_stepping", ("Shift+E",), "View"),
    Row("note_names", "Names on notes", "view.toggle_names", (), "View"),
    Row("controllers", "Lane of a controller", "view.toggle_controllers", ("Shift+V",), "View"),
    Row("show_roll", "Piano roll", "window.show_tab 0", ("Ctrl+1",), "View", line=True),
    Row("show_spectrogram", "Spectrogram", "window.show_tab 1", ("Ctrl+2",), "View"),
    Row("show_mixer", "Mixer", "window.show_tab 2", ("Ctrl+3",), "View"),
    Row("dock_full", "Full height for the lower half", "window.toggle_dock", ("Ctrl+0",), "View",
        on="dock_full"),
    Row("show_generate", "Generate panel", "window.toggle_generate", ("Ctrl+B",), "View",
        on="generate_shown"),
    Row("show_takes", "Takes panel", "window.toggle_takes", ("Ctrl+Shift+B",), "View",
        on="takes_shown"),
    Row("next_panel", "Go to the next panel", "window.next_panel", ("F6",), "View"),
    # -- Help
    Row("menu", "Open the menu", "window.show_menu", ("F10",), "Help"),
    Row("palette", "Find anything", "window.show_palette", ("Ctrl+K",), "Help"),
    Row("keys", "Keys", "window.show_keys", ("?", "F1"), "Help"),
    Row("about", "About Tutti", "window.show_about", (), "Help"),
)  # fmt: skip

# What the mouse does in the canvases, for the key sheet; the views answer for it.
GESTURES: tuple[tuple[str, str], ...] = (
    ("Zoom at the mouse", "Ctrl+wheel"),
    ("Zoom rows", "Ctrl+Shift+wheel"),
    ("Pan", "Middle drag"),
    ("Mark bars to write", "Drag over empty bars, or in the ruler's lower half"),
    ("Pan with one hand", "Drag while Space is held"),
    ("Hear what is under the mouse", "Ctrl+drag in the ruler's lower half"),
    ("Mark bars and keys to write", "Drag with the range tool over notes"),
    ("Loop a stretch", "Drag in the ruler's upper half"),
    ("Draw a clip or a note", "Double-click"),
    ("Erase notes with the draw tool", "Right drag"),
    ("Louder or softer notes", "Alt+wheel over a note"),
    ("Fades and gain of a recording", "Drag its handles; double-click resets"),
    ("Copy while dragging", "Ctrl+drag"),
    ("Clips as WAV or MIDI files", "Drag them out of the window"),
    ("Slip what a clip shows", "Ctrl+Alt+drag"),
    ("Stretch a clip", "Shift+drag its edge"),
    ("Keep the time or the row", "Shift+drag"),
    ("Leave the grid for a moment", "Alt while dragging"),
    ("Take a drag back, or deselect", "Esc"),
    ("Choose a take in Takes and in take lanes", "1–9"),
    ("Begin a line in the prompt", "Shift+Enter"),
    ("Select all notes of a row", "Ctrl+click on its key"),
    ("Move several faders at once", "Ctrl+click on their strips, then drag one"),
    ("Draw a controller as a straight line", "Shift+drag in its lane"),
    ("Erase a controller, or automation", "Right drag"),
    ("Select sound in the spectrogram", "Drag; Shift adds, Alt takes away"),
    ("Select a time, or a band", "Drag in its ruler, or along its frequencies"),
    ("Hear only the selected sound", "Ctrl+Shift+Space"),
    ("Mute or solo for a moment", "Hold the middle button"),
    ("Move an effect in its chain", "Drag, or Alt+Up and Alt+Down"),
    ("Fine steps on a fader", "Ctrl+drag"),
    ("Reset a fader", "Double-click"),
)


def add_entry(menu: QMenu, id: str, act: Callable[[], object]) -> QAction:
    """Add a row of the table, with its key, to the context menu of one view, which does it."""
    row = next(row for row in ROWS if row.id == id)
    title = tr(row.title)
    return menu.addAction(f"{title}\t{row.keys[0]}" if row.keys else title, act)


_ONCE = frozenset({"play", "play_selection", "play_range", "return"})  # however long a key is held


class Actions(QObject):
    """The rows as Qt actions of one window.

    Args:
        owner: The window whose shortcuts they are.
        receivers: Who answers to the first half of `Row.does`, looked up at each use.
        conditions: What `Row.when` and `Row.on` name.
    """

    def __init__(
        self,
        owner: QWidget,
        receivers: Mapping[str, Callable[[], object]],
        conditions: Mapping[str, Callable[[], bool]],
    ) -> None:
        super().__init__(owner)
        self._receivers = receivers
        self._conditions = conditions
        self._made: dict[str, QAction] = {}
        for row in ROWS:
            self._made[row.id] = self._make(row, owner)
        owner.addActions(list(self._made.values()))

    def __getitem__(self, id: str) -> QAction:
        return self._made[id]

    def run(self, id: str) -> None:
        """Do what the row says, if it can be done now."""
        self._made[id].trigger()

    def refresh(self) -> None:
        """Look again at what can be done now and what is on."""
        for row in ROWS:
            action = self._made[row.id]
            action.setEnabled(self._conditions[row.when]())
            if row.on:
                action.setChecked(self._conditions[row.on]())

    def name(self, id: str, title: str) -> None:
        """Say more precisely what an action would do now: `Undo Move notes`."""
        row = next(row for row in ROWS if row.id == id)
        if self._made[id].text() != title:
            self._made[id].setText(title)
            self._made[id].setToolTip(with_key(title, row.keys))

    def menu(self, name: str, parent: QWidget) -> QMenu:
        """One of `MENUS`, filled from the table."""
        made = QMenu(tr(name), parent)
        for row in ROWS:
            if row.menu == name:
                if row.line:
                    made.addSeparator()
                made.addAction(self._made[row.id])
        return made

    def _make(self, row: Row, owner: QWidget) -> QAction:
        action = QAction(tr(row.title), owner)
        action.setShortcuts([QKeySequence(key) for key in row.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setCheckable(bool(row.on))
        action.setAutoRepeat(not row.on and row.id not in _ONCE)
        action.setToolTip(with_key(tr(row.title), row.keys))
        action.triggered.connect(lambda: self._run(row))
        return action

    def _run(self, row: Row) -> None:
        target, _, argument = row.does.partition(" ")
        receiver, _, method = target.partition(".")
        # A view need not know every action: transposing means nothing to the timeline.
        act = getattr(self._receivers[receiver](), method, None)
        if act is not None:
            act(*_argument(argument))
        self.refresh()


def _argument(text: str) -> tuple[int | str, ...]:
    if not text:
        return ()
    return (int(text),) if text.lstrip("-").isdecimal() else (text,)


def key_text(key: str) -> str:
    """A key as this system writes it."""
    text = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
    return text.replace("Return", "Enter")


def with_key(text: str, keys: tuple[str, ...]) -> str:
    """A tooltip: what it does, and the key that does it too."""
    return f"{text}  ·  {key_text(keys[0])}" if keys else text
