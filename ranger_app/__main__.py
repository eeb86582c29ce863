"""Where the program begins: without arguments the window, with any the command line."""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> int:
    """Run Ranger as it was called; returns the exit status."""
    from ranger_app import config, i18n

    i18n.set_language(i18n.preferred_language(config.read_settings().settings.language))
    if len(sys.argv) > 1:
        from ranger_app.cli.main import main as run_command

        return run_command(sys.argv[1:], open_window=_open_window)
    return _open_window()


def _open_window(folder: Path | None = None) -> int:
    from ranger_app.gui.app import main as show_window

    return show_window(folder)


if __name__ == "__main__":
    sys.exit(main())
