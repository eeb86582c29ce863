"""Keeps the words of faults of ours out of the server's log: they may be names and places."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ranger_app.domain.arising import tell_where

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


def without_words(app: ASGIApp) -> ASGIApp:
    """The same app, raising nothing: a fault was answered with a 500, and a server writes the words of what
    is raised into its log."""

    async def quiet(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except Exception as error:
            if scope["type"] != "http":
                raise
            tell_where(error, sys.stderr)

    return quiet
