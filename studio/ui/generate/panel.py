"""The Generate panel: a wish in words and numbers, what it will write, and one button."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.ai.chord_text import read_chords
from studio.core.errors import StudioError
from studio.domain.tempo import TempoMap
from studio.ui import icons, theme
from studio.ui.actions import Actions, key_text
from studio.ui.bindings import Bindings, Coalesced
from studio.ui.generate.models import ModelChooser, field_row, model_words, time_words
from studio.ui.generate.prompt import Prompt
from studio.ui.tr import tr
from studio.ui.widgets.boxes import column, frame, label, link_row, restyle, row
from studio.ui.widgets.buttons import icon_button, say, text_button
from studio.ui.widgets.number_field import NumberField
from studio.ui.widgets.slider import ShareSlider
from studio.workspace.generation import SEEDS
from studio.workspace.intents import Intent
from studio.workspace.studio import Studio

_SENTENCE_MS = 60
_MOST_VARIATIONS = 9
INTENTS = {
    Intent.AUTO: "What the selection says",
    Intent.EXTEND: "Extend the song",
    Intent.EXTEND_BEFORE: "Write before the song",
    Intent.REWRITE: "Rewrite the selection",
    Intent.VARY: "Vary the selection",
    Intent.HUMANISE: "Humanise the selection",
    Intent.CONTINUE: "Continue the selected notes",
    Intent.HARMONISE: "Harmonise the selected notes",
    Intent.ARRANGE: "Arrange for other instruments",
    Intent.ADD_PART: "Add a part",
    Intent.LEARN: "Learn from the open clip",
}


class GeneratePanel(QFrame):
    """Shows and changes `studio.generation.settings`."""

    def __init__(self, studio: Studio, actions: Actions) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self.setAccessibleName(tr("Generate"))
        self._studio = studio
        self._generation = studio.generation
        self._sentence_wanted = Coalesced(self._show_sentence, _SENTENCE_MS, self)
        self._build(actions)
        self._bindings = Bindings()
        bindings = self._bindings
        bindings.connect(studio.generation.settings_changed, self._show_settings)
        bindings.connect(studio.selection.changed, self._sentence_wanted.ask)
        bindings.connect(studio.song.changed, self._on_song_changed)
        self._show_settings()
        self._show_sentence()

    def release(self) -> None:
        self._bindings.release()
        self._sentence_wanted.cancel()
        self.prompt.chips.release()

    def focus_prompt(self) -> None:
        self.prompt.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # -- building -----------------------------------------------------------------------------
    def _build(self, actions: Actions) -> None:
        box = column(self, 0, theme.GAP)
        box.setContentsMargins(0, theme.PADDING, 0, theme.PADDING)
        content = QWidget()
        inside = column(content, 0, theme.GAP + 2)
        inside.setContentsMargins(theme.PADDING, 0, theme.PADDING, theme.SPACE)
        self._fill(inside)
        self.prompt.entered.connect(lambda: actions.run("write"))
        self._settings = _Fitting(content, inside)
        box.addWidget(self._settings)
        below = column(None, 0, theme.GAP)
        below.setContentsMargins(theme.PADDING, 0, theme.PADDING, 0)
        below.addWidget(self._build_button(actions))
        box.addLayout(below)
        box.addStretch(1)
        note = label(tr("Runs on this machine. Nothing is sent anywhere."), "label", wrap=True)
        note.setContentsMargins(theme.PADDING, 0, theme.PADDING, 0)
        box.addWidget(note)

    def _fill(self, inside: QVBoxLayout) -> None:
        change = self._generation.set
        inside.addWidget(label(tr("Generate"), "heading"))
        self.prompt = Prompt(self._studio.understanding)
        self.prompt.edited.connect(lambda text: change(prompt=text))
        self.prompt.negative_edited.connect(lambda text: change(negative=text))
        hanging = link_row()
        hanging.addWidget(self.prompt)
        inside.addLayout(hanging)
        inside.addWidget(self._build_sentence())
        rows = column(None, 0, 1)
        inside.addLayout(rows)
        rows.addWidget(field_row(tr("Write"), self._build_intent()))
        rows.addWidget(field_row(tr("Model"), self._build_model()))
        self._closeness = self._slider(rows, tr("Follow the words"), "closeness", 0.7)
        self._surprise = self._slider(rows, tr("Surprise"), "surprise", 0.4)
        self._density = self._slider(rows, tr("Density"), "density", 0.5)
        self._amount = self._slider(rows, tr("How much to change"), "amount", 0.5)
        self._scale = text_button("", kind="small", checkable=True, name=tr("Keep to the scale"))
        self._scale.toggled.connect(lambda on: change(keep_to_scale=on))
        self._tones = text_button("", kind="small", checkable=True, name=tr("Keep to the chords"))
        self._tones.toggled.connect(lambda on: change(keep_to_chords=on))
        rows.addWidget(field_row(tr("Keep to scale"), self._scale))
        rows.addWidget(field_row(tr("Keep to chords"), self._tones))
        self._build_chords(rows)
        self._build_numbers(rows)
        inside.addStretch(1)

    def _build_sentence(self) -> QFrame:
        card = frame("outlined")
        box = column(card, theme.GAP + theme.SPACE, theme.SPACE)
        box.addWidget(label(tr("Will be written"), "label"))
        self._sentence = label("", wrap=True)
        box.addWidget(self._sentence)
        self._time = label("", "small", wrap=True)
        box.addWidget(self._time)
        return card

    def _build_intent(self) -> QPushButton:
        self._intent = QPushButton()
        self._intent.setProperty("kind", "quiet")
        self._intent.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        say(self._intent, tr("What to write"))
        menu = QMenu(self._intent)
        for intent, text in INTENTS.items():
            entry = menu.addAction(tr(text))
            entry.triggered.connect(lambda _on=False, i=intent: self._generation.set(intent=i))
        self._intent.setMenu(menu)
        return self._intent

    def _build_model(self) -> QPushButton:
        self._model = text_button("", self._choose_model, kind="quiet", name=tr("Model"))
        return self._model

    def _slider(self, rows: QVBoxLayout, name: str, setting: str, rest: float) -> ShareSlider:
        slider = ShareSlider(name, rest)
        slider.setFixedWidth(118)
        slider.edited.connect(lambda share: self._generation.set(**{setting: share}))
        rows.addWidget(field_row(name, slider))
        return slider

    def _build_chords(self, rows: QVBoxLayout) -> None:
        self._chords = QLineEdit()
        self._chords.setProperty("kind", "number")
        self._chords.setPlaceholderText("Dm7 | G7 | Cmaj7")
        self._chords.setFixedWidth(160)
        say(self._chords, tr("Chords to follow, again and again; bars divided by |"))
        self._chords.textEdited.connect(self._on_chords)
        self._chords.returnPressed.connect(self._chords.clearFocus)
        self._chords_wrong = label("", "error", wrap=True)
        self._chords_wrong.hide()
        rows.addWidget(field_row(tr("Chords"), self._chords))
        rows.addWidget(self._chords_wrong)

    def _build_numbers(self, rows: QVBoxLayout) -> None:
        change = self._generation.set
        self._bars = NumberField(tr("Bars"), low=0, high=256, zero=tr("auto"))
        self._bars.edited.connect(lambda bars: change(bars=int(bars) or None))
        self._variations = NumberField(tr("Variations"), low=1, high=_MOST_VARIATIONS)
        self._variations.edited.connect(lambda count: change(variations=int(count)))
        self._seed = NumberField(tr("Seed"), low=0, high=SEEDS - 1)
        self._seed.edited.connect(lambda seed: change(seed=int(seed)))
        self._roll = icon_button("die", tr("Roll another seed"), self._generation.roll_seed)
        self._lock = icon_button("unlock", tr("Keep this seed"), checkable=True)
        self._lock.toggled.connect(lambda on: change(seed_locked=on))
        for number in (self._bars, self._variations, self._seed):
            number.fit("00000")
        rows.addWidget(field_row(tr("Bars"), self._bars))
        rows.addWidget(field_row(tr("Variations"), self._variations))
        rows.addWidget(field_row(tr("Seed"), self._seed, self._roll, self._lock))

    def _build_button(self, actions: Actions) -> QPushButton:
        self._button = text_button("", lambda: actions.run("write"), kind="accent")
        self._button.setProperty("keyed", True)  # leaves room for the key, which lies over it
        line = row(self._button, 0, theme.GAP)
        line.setContentsMargins(0, 0, theme.GAP + 4, 0)
        line.addStretch(1)
        key = label(key_text("Ctrl+Return"))
        key.setProperty("role", "on_accent")
        key.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        line.addWidget(key)
        return self._button

    # -- from the settings to the screen ------------------------------------------------------
    def _show_settings(self) -> None:
        settings = self._generation.settings
        self.prompt.show_texts(settings.prompt, settings.negative)
        self._intent.setText(tr(INTENTS[settings.intent]) + "  ▾")
        self._closeness.set_share(settings.closeness)
        self._surprise.set_share(settings.surprise)
        self._density.set_share(settings.density)
        self._amount.set_share(settings.amount)
        self._scale.setChecked(settings.keep_to_scale)
        self._scale.setText(tr("on") if settings.keep_to_scale else tr("off"))
        self._tones.setChecked(settings.keep_to_chords)
        self._tones.setText(tr("on") if settings.keep_to_chords else tr("off"))
        if self._chords.text() != settings.chords:
            self._chords.setText(settings.chords)
        self._bars.set_value(settings.bars or 0)
        self._variations.set_value(settings.variations)
        self._seed.set_value(settings.seed)
        self._lock.setChecked(settings.seed_locked)
        self._lock.setIcon(icons.icon("lock" if settings.seed_locked else "unlock", "text_2"))
        self._sentence_wanted.ask()

    def _on_song_changed(self, found: object, origin: object) -> None:
        self._sentence_wanted.ask()

    def _show_sentence(self) -> None:
        outlook, chosen = self._generation.outlook(), self._generation.settings.model
        self._sentence.setText(outlook.sentence)
        when = time_words(chosen, outlook)
        self._time.setText(when)
        self._time.setVisible(bool(when))
        self._model.setText(model_words(chosen, outlook) + "  ▾")
        counts = self._generation.counts_bars
        self._bars.setEnabled(counts)
        self._bars.setToolTip(tr("Bars") if counts else tr("As many bars as are selected"))
        row_of_amount = self._amount.parentWidget()
        if row_of_amount is not None:
            row_of_amount.setVisible(self._generation.counts_amount)
        self._button.setText(outlook.action)
        say(self._button, outlook.action, f"{outlook.action}  ·  {key_text('Ctrl+Return')}")

    # -- from the screen to the settings ------------------------------------------------------
    def _on_chords(self, text: str) -> None:
        wrong = chords_wrong(text)
        self._chords_wrong.setText(wrong)
        self._chords_wrong.setVisible(bool(wrong))
        restyle(self._chords, bad=bool(wrong))
        self._generation.set(chords=text)

    def _choose_model(self) -> None:
        chosen = self._generation.settings.model
        chooser = ModelChooser(chosen, self._generation.choice, self.window())
        chooser.chosen.connect(lambda id: self._generation.set(model=id))
        chooser.open_at(self._model.mapToGlobal(self._model.rect().bottomLeft()))
        chooser.focus_first()


def chords_wrong(text: str) -> str:
    """What is wrong with a line of chords, as a sentence, or nothing."""
    try:
        read_chords(text, TempoMap(), 0)
    except StudioError as error:
        return str(error)
    return ""


class _Fitting(QScrollArea):
    """As tall as what it holds, and scrolls where there is less room."""

    def __init__(self, content: QWidget, inside: QVBoxLayout) -> None:
        super().__init__()
        self._inside = inside
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setAccessibleName(tr("Settings of the next take"))
        content.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        found = super().eventFilter(watched, event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self.updateGeometry()
        return found

    def sizeHint(self) -> QSize:
        # As if the scroll bar were there: Qt would keep one that it no longer needs.
        narrow = self.width() - self.verticalScrollBar().sizeHint().width()
        height = self._inside.totalHeightForWidth(narrow)
        return QSize(self._inside.totalSizeHint().width(), height)
