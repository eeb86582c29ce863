"""A form as pages open them, with a field that is secret."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit

from ranger_app.gui.main_window import MainWindow
from ranger_app.gui.widgets.forms import Asking
from ranger_app.gui.widgets.layout import Form, boxed


class DemoForm(Asking):
    """It lies over the window itself."""

    def __init__(self, parent: MainWindow) -> None:
        self.title, self.secret = QLineEdit(), QLineEdit()
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        form = Form()
        form.field("Title", self.title)
        form.field("Secret", self.secret)
        super().__init__(parent, "Demo form", "Save", boxed(form))
