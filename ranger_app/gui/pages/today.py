"""The Today page: what needs doing at this site, with the way to it."""

from __future__ import annotations

from ranger_app.gui.page import Page


class TodayPage(Page):
    page_id = "today"
