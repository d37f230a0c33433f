"""The one door for messages: a sentence and a way out, shown in the window, never in its way."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from enum import StrEnum
from types import TracebackType

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QFrame, QWidget

from studio.core.errors import StudioError
from studio.ui import theme
from studio.ui.tr import tr
from studio.ui.widgets.boxes import ElidedLabel, IconMark, column, frame, row
from studio.ui.widgets.buttons import icon_button, text_button

log = logging.getLogger(__name__)

WayOut = tuple[str, Callable[[], object]]
_MOST_SHOWN = 3
_INFO_MS = 6000
_WIDEST_PX = 880


class Kind(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


_COLORS = {Kind.INFO: "text_2", Kind.WARNING: "warn", Kind.ERROR: "record"}


class NoticeBars(QFrame):
    """Notices, newest first; information leaves by itself, the rest stays until it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self._column = column(self, 0, theme.GAP)
        self._bars: list[QFrame] = []
        self._foot: QWidget | None = None
        self.hide()

    def float_over(self, host: QWidget, foot: QWidget) -> None:
        """Lie over `host`, just above `foot`, so that nothing under the mouse moves away."""
        self.setParent(host)
        self._foot = foot
        host.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._place()
        return False

    def _place(self) -> None:
        host = self.parentWidget()
        if host is None or self._foot is None:
            return
        width = min(host.width() - 2 * theme.PADDING, _WIDEST_PX)
        height = self.sizeHint().height()
        floor = host.height() - self._foot.height() - theme.PADDING
        self.setGeometry((host.width() - width) // 2, floor - height, width, height)
        self.raise_()

    def info(self, message: str, ways_out: Sequence[WayOut] = (), hint: str = "") -> None:
        bar = self.show_notice(Kind.INFO, message, hint, ways_out)
        if not ways_out:
            QTimer.singleShot(_INFO_MS, bar, lambda: self._close(bar))

    def warning(self, message: str, hint: str = "", ways_out: Sequence[WayOut] = ()) -> None:
        self.show_notice(Kind.WARNING, message, hint, ways_out)

    def error(self, error: StudioError) -> None:
        self.show_notice(Kind.ERROR, error.message, error.hint, ())

    def show_level(self, level: str, message: str, hint: str) -> None:
        """A notice whose kind is named in words."""
        if Kind(level) is Kind.INFO:
            self.info(message, hint=hint)
        else:
            self.show_notice(Kind(level), message, hint, ())

    def fault(self, report: str) -> None:
        """Something the program did not expect; `report` can be copied."""
        self.show_notice(
            Kind.ERROR,
            tr("Something went wrong inside the studio."),
            tr("Your song is safe; the last thing you did may not have happened."),
            [(tr("Copy the report"), lambda: QGuiApplication.clipboard().setText(report))],
        )

    def show_notice(
        self, kind: Kind, message: str, hint: str, ways_out: Sequence[WayOut]
    ) -> QFrame:
        """Show a sentence, what to try, and buttons; an equal notice is not shown twice."""
        for shown in self._bars:
            if shown.accessibleName() == message:
                return shown
        bar = self._bar(kind, message, hint, ways_out)
        self._bars.insert(0, bar)
        self._column.insertWidget(0, bar)
        bar.show()  # at once, not when the layout gets round to it: it counts for the height
        for oldest in self._bars[_MOST_SHOWN:]:
            self._close(oldest)
        self.show()
        self._place()
        return bar

    @property
    def messages(self) -> list[str]:
        """The sentences on show, newest first."""
        return [bar.accessibleName() for bar in self._bars]

    def buttons(self, text: str) -> list[QAbstractButton]:
        """The ways out called `text`, newest notice first."""
        found = (button for bar in self._bars for button in bar.findChildren(QAbstractButton))
        return [button for button in found if button.text() == text]

    def _bar(self, kind: Kind, message: str, hint: str, ways_out: Sequence[WayOut]) -> QFrame:
        bar = frame("notice")
        bar.setProperty("kind", kind.value)
        bar.setAccessibleName(message)
        line = row(bar, 0, theme.GAP)
        line.setContentsMargins(theme.PADDING, theme.GAP, theme.GAP, theme.GAP)
        line.addWidget(IconMark(kind.value, _COLORS[kind]))
        line.addWidget(ElidedLabel(message, "strong"))
        if hint:
            line.addWidget(ElidedLabel(hint, "secondary"))
        line.addStretch(1)
        for text, act in ways_out:
            button = text_button(text)
            button.clicked.connect(lambda: self._close(bar))
            button.clicked.connect(lambda _checked, act=act: act())
            line.addWidget(button)
        line.addWidget(icon_button("close", tr("Close this notice"), lambda: self._close(bar)))
        return bar

    def _close(self, bar: QFrame) -> None:
        if bar in self._bars:
            self._bars.remove(bar)
            bar.hide()
            bar.deleteLater()
        self.setVisible(bool(self._bars))
        self._place()


class Faults(QObject):
    """What nobody caught, from any thread: logged with its traceback and told once.

    Signals:
        happened(str): The report, on the thread this object lives on.
    """

    happened = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._before = sys.excepthook, threading.excepthook

    def install(self) -> None:
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception

    def release(self) -> None:
        sys.excepthook, threading.excepthook = self._before

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        log.error("uncaught", exc_info=(kind, error, trace))
        self.happened.emit("".join(traceback.format_exception(kind, error, trace)))

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
            self._on_exception(args.exc_type, args.exc_value, args.exc_traceback)
