"""Where the program begins: without arguments the window, with any the command line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ranger_app.config import SettingsRead
    from ranger_app.hub.keeping import Keeper


def main() -> int:
    """Run Ranger as it was called; returns the exit status."""
    if getattr(sys, "frozen", False):  # an installed program is its own interpreter for further processes
        import multiprocessing

        multiprocessing.freeze_support()
    from ranger_app import config, i18n
    from ranger_app.domain.arising import keep_words_out_of_logs

    keep_words_out_of_logs()

    read = config.read_settings()  # once: a damaged file is put aside, and said so, the first time
    i18n.set_language(i18n.preferred_language(read.settings.language))
    if len(sys.argv) > 1:
        from ranger_app.cli.main import main as run_command

        return run_command(
            sys.argv[1:],
            open_window=partial(_open_window, read),
            serve_hub=_serve_hub,
            keep_hub=_keep_hub,
        )
    return _open_window(read)


def _open_window(read: SettingsRead, folder: Path | None = None) -> int:
    from ranger_app.gui.app import main as show_window

    return show_window(read, folder)


def _serve_hub(folder: Path, *, host: str, port: int, say: Callable[[str], None]) -> None:
    from ranger_app.hub.serving import serve

    serve(folder, host=host, port=port, say=say)


def _keep_hub(folder: Path) -> Keeper:
    from ranger_app.hub.keeping import Keeper

    return Keeper(folder)


if __name__ == "__main__":
    sys.exit(main())
