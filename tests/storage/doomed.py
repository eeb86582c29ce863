"""A program that works on a workspace until it is killed, and says what it has been told is safe.

python -m tests.storage.doomed write FOLDER      units with files, one after the other
python -m tests.storage.doomed read FOLDER STICK  a bundle, in small transactions
python -m tests.storage.doomed give FOLDER STICK  a bundle, in many small parts
"""

from __future__ import annotations

import os
import sys
from itertools import count
from pathlib import Path

from ranger_app.domain.ids import id_text, new_id
from ranger_app.jobs import Progress, Work
from ranger_app.storage import Workspace
from ranger_app.sync.bundles import reading
from ranger_app.sync.bundles.writing import write_bundle
from tests.builders import a_patrol, a_photo
from tests.sync.sticks import small_parts

FILE_BYTES = 50_000
RECORDS_IN_A_UNIT = 40
TAKEN_AT_ONCE = 4_000


def main(verb: str, folder: Path, *more: str) -> None:
    with Workspace.open(folder) as workspace:
        tell("ready")
        if verb == "write":
            write(workspace)
        elif verb == "give":
            with small_parts():
                write_bundle(workspace, Path(more[0]), Work(told))
            tell("done")
        else:
            reading.TAKEN_AT_ONCE = TAKEN_AT_ONCE
            reading.read_bundles(workspace, Path(more[0]), Work(told))
            tell("done")


def write(workspace: Workspace) -> None:
    """Each unit has patrols, an edit of each and a photo with its file; its name is told when it is kept."""
    for n in count():
        unit_name = id_text(new_id())
        file = workspace.files.add_bytes(os.urandom(FILE_BYTES))
        with workspace.unit(unit_name) as unit:
            for _ in range(RECORDS_IN_A_UNIT):
                patrol = a_patrol(workspace.site_id, unit_name)
                unit.add(patrol)
                unit.change(patrol, title=f"edit {n}")
            unit.add(a_photo(workspace.site_id, file.sha256, folder=unit_name))
        tell(unit_name)


def told(progress: Progress) -> None:
    tell(f"at {progress.done}")


def tell(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
