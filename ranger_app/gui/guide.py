"""The guide that comes along: what to do on each page and when something goes wrong, without a network."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextBlockFormat, QTextCursor
from PySide6.QtWidgets import QDialog, QListWidget, QTextBrowser, QWidget

from ranger_app import installed
from ranger_app.gui.look.theme import ems, space
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.layout import column, row
from ranger_app.i18n import ENGLISH, _, language

WIDTH_EMS, HEIGHT_EMS, LIST_EMS = 130, 90, 26
LINE_PERCENT = 120
_HEAD = re.compile(r"^# (?P<title>.+?) \{#(?P<id>[a-z_]+)\}$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter: `id` is that of the page that it tells of, or a name of its own; `text` is Markdown."""

    id: str
    title: str
    text: str


def chapters(code: str = "") -> tuple[Chapter, ...]:
    """The guide in the language that is spoken, or in English where nobody has translated it."""
    folder = installed("resources") / "guide"
    file = folder / f"{code or language()}.md"
    return split((file if file.is_file() else folder / f"{ENGLISH}.md").read_text(encoding="utf-8"))


def split(text: str) -> tuple[Chapter, ...]:
    """Chapters by their heads, `# Title {#id}`."""
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return tuple(
        Chapter(head["id"], head["title"], text[head.end() : end].strip())
        for head, end in zip(heads, ends, strict=True)
    )


class Guide(QDialog):
    """Chapters at the left, the one that is read at the right; it opens where the reader stands."""

    def __init__(self, parent: QWidget, chapter_id: str, *, show_keys: Callable[[], None]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Guide"))
        self._chapters = chapters()
        self.list = QListWidget()
        self.list.setAccessibleName(_("Chapters"))
        self.list.addItems([one.title for one in self._chapters])
        self.list.setFixedWidth(ems(LIST_EMS))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setWordWrap(True)
        self.text = QTextBrowser()
        self.text.setAccessibleName(_("The chapter"))
        self.text.setOpenLinks(False)  # nothing is fetched and no other program started from here
        self.text.document().setDocumentMargin(space(4))
        self.list.currentRowChanged.connect(self._show)
        keys, close = button(_("Show all keys"), on=show_keys), button(_("Close"), on=self.accept)
        self.setLayout(column(row(self.list, self.text, gap=3), row(keys, None, close), gap=4, margin=4))
        room = parent.size()
        self.resize(
            min(ems(WIDTH_EMS), room.width() - space(6)), min(ems(HEIGHT_EMS), room.height() - space(6))
        )
        ids = [one.id for one in self._chapters]
        self.list.setCurrentRow(ids.index(chapter_id) if chapter_id in ids else 0)
        self.list.setFocus()

    def _show(self, at: int) -> None:
        chapter = self._chapters[at]
        self.text.setMarkdown(f"# {chapter.title}\n\n{chapter.text}\n")
        document = self.text.document()
        document.setIndentWidth(space(5))
        block = document.begin()
        while block.isValid():  # Qt sets heads close to what is above them, and lines close to one another
            form = block.blockFormat()
            form.setLineHeight(LINE_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
            if form.headingLevel() > 1:
                form.setTopMargin(space(5))
            QTextCursor(block).setBlockFormat(form)
            block = block.next()
