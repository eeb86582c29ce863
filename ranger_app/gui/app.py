"""Starts the window: it is painted first, and only then is anything heavy loaded."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QEvent, QLibraryInfo, QLocale, Qt, QTranslator
from PySide6.QtWidgets import QApplication

from ranger_app import __version__, config, i18n
from ranger_app.domain.arising import tell_where
from ranger_app.domain.errors import KnownError
from ranger_app.gui.look.theme import Theme
from ranger_app.gui.main_window import MainWindow

Hook = Callable[[type[BaseException], BaseException, TracebackType | None], None]


def main(read: config.SettingsRead, folder: Path | None = None) -> int:
    """Open the window, and in it `folder` or the workspace that was open last; returns when it is left."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # else Ctrl+C in the terminal waits for Qt for ever
    app = application()
    before = sys.excepthook
    window = show(app, read.settings)
    for note in read.notes:
        window.start.show_error(KnownError(note))
    window.painted.connect(lambda: window.begin(folder))
    status = app.exec()
    sys.excepthook = before
    # In this order: what Python tears down at its end, in an order of its own, Qt may still be using.
    window.deleteLater()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return status


def application() -> QApplication:
    """The one application object, with Qt's own words in the language that we speak."""
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Ranger")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("ranger-app")
    words = QTranslator(app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if words.load(QLocale(i18n.language()), "qtbase", "_", folder):
        app.installTranslator(words)
    return app


def show(app: QApplication, settings: config.Settings) -> MainWindow:
    """The window, on its way to the screen; it says `painted` when it is there."""
    theme = Theme(app)
    theme.apply(appearance=settings.appearance, text_scale=settings.text_scale)
    window = MainWindow(theme=theme, settings=settings)
    sys.excepthook = _tells(window)
    window.show()
    return window


def _tells(window: MainWindow) -> Hook:
    """Whatever a slot of ours did not catch ends in one dialog, and the window stays."""

    def tell(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        tell_where(error, sys.stderr)  # for whoever started Ranger in a terminal
        if isinstance(error, Exception):
            window.messages.error(error)

    return tell
