"""Asks a person for a folder, a file, or whether they are sure; tests put their own answers in place."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from ranger_app.gui.look.theme import dialog_width
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.layout import column, fit_height, row
from ranger_app.gui.widgets.text import heading, plain
from ranger_app.i18n import _

QUESTION_EMS = 56

_last_folder = ""


def for_folder(parent: QWidget, words: str, *, start: Path | None = None) -> Path | None:
    """An existing folder, or None when the person thought better of it."""
    found = QFileDialog.getExistingDirectory(parent, words, _start(start))
    return _remember(found)


def for_file(parent: QWidget, words: str, *, endings: tuple[str, ...] = ()) -> Path | None:
    """An existing file whose name ends in one of `endings`, such as (".gpx", ".xml")."""
    found, _kind = QFileDialog.getOpenFileName(parent, words, _last_folder, _filter(endings))
    return _remember(found)


def for_files(parent: QWidget, words: str, *, endings: tuple[str, ...] = ()) -> list[Path]:
    """Any number of existing files."""
    found, _kind = QFileDialog.getOpenFileNames(parent, words, _last_folder, _filter(endings))
    return [path for one in found if (path := _remember(one))]


def for_new_file(parent: QWidget, words: str, *, name: str) -> Path | None:
    """A name for a file to be written, with `name` proposed."""
    found, _kind = QFileDialog.getSaveFileName(parent, words, str(Path(_last_folder) / name))
    return _remember(found)


class Question(QDialog):
    """Whether to go on; the safe answer is the one that Enter and Esc give."""

    def __init__(self, parent: QWidget, question: str, *, yes: str, no: str = "", hint: str = "") -> None:
        super().__init__(parent)
        self.setWindowTitle(parent.window().windowTitle())
        self.setMinimumWidth(dialog_width(QUESTION_EMS))
        go_on = button(yes, on=self.accept)
        stay = button(no or _("Cancel"), kind="primary", on=self.reject)
        hints = [plain(hint)] if hint else []
        self.setLayout(column(heading(question), *hints, None, row(None, go_on, stay), gap=4, margin=6))
        stay.setDefault(True)
        stay.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """Stand in a window that is as high as its words."""
        super().showEvent(event)
        fit_height(self)


def whether(parent: QWidget, question: str, *, yes: str, no: str = "", hint: str = "") -> bool:
    """Whether to go on; `yes` is the verb of what happens then. Enter and Esc both mean no."""
    box = Question(parent, question, yes=yes, no=no, hint=hint)
    answer = box.exec() == QDialog.DialogCode.Accepted
    box.deleteLater()
    return answer


def _start(wish: Path | None) -> str:
    return str(wish) if wish else _last_folder


def _remember(found: str) -> Path | None:
    global _last_folder
    if not found:
        return None
    path = Path(found)
    _last_folder = str(path if path.is_dir() else path.parent)
    return path


def _filter(endings: tuple[str, ...]) -> str:
    everything = _("All files (*)")
    if not endings:
        return everything
    # Cameras and old receivers write their endings in capitals.
    patterns = " ".join(f"*{ending} *{ending.upper()}" for ending in endings)
    return _("What fits ({patterns})").format(patterns=patterns) + ";;" + everything
