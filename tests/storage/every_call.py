"""Does one piece of work again and again, and each time the next call to the disk goes wrong.

LD_PRELOAD=failing_calls.so python -m tests.storage.every_call WORK FAULT EVERY FOLDER

WORK is one of `WORKS`, FAULT one of `FAULTS`, EVERY the step from one call to the next. The work is done by a
child of this process, which is killed or gets the error; another child then looks at what is left.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ranger_app.domain.errors import KnownError
from ranger_app.domain.patrols import Patrol
from ranger_app.domain.photos import Photo
from ranger_app.storage import Workspace
from ranger_app.storage.verifying import verify
from ranger_app.sync.bundles import batches, reading
from ranger_app.sync.bundles.reading import read_bundles
from ranger_app.sync.bundles.writing import write_bundle
from tests.builders import a_patrol, a_photo, quiet
from tests.sync.kept import KINDS, bodies, state_in
from tests.sync.model import state_of
from tests.sync.sticks import small_parts

FAULTS = {
    "killed": (1, 0),
    "killed in the middle of a write": (2, 0),
    "an error": (3, errno.EIO),
    "errors from then on": (4, errno.EIO),
    "a full disk": (4, errno.ENOSPC),
    "a file too long for the disk": (3, errno.EFBIG),
}
FINISHED, TOLD, NEVER_CAME, BROKEN = 0, 3, 10, 4
CONTENT = b"demo photo " * 2_000
BEFORE, MEANWHILE = "DEM-1", "DEM-2"


class Place:
    """The folders of one try."""

    def __init__(self, folder: Path) -> None:
        self.workspace = folder / "laptop.ranger"
        self.other = folder / "other.ranger"
        self.stick = folder / "stick"


def prepare(folder: Path) -> None:
    """A laptop with a patrol and a photo, another that knows nothing, and a stick from the first."""
    place = Place(folder)
    with Workspace.open(place.workspace) as made:
        add(made, BEFORE)
        for n in range(2):
            with made.unit("edit") as unit:
                for patrol in unit.data.find(Patrol):
                    unit.change(patrol, title=f"edit {n}")
        with small_parts():
            write_bundle(made, place.stick, quiet())


def add(workspace: Workspace, number: str) -> None:
    file = workspace.files.add_bytes(CONTENT + number.encode())
    with workspace.unit("add") as unit:
        unit.add(a_patrol(workspace.site_id, number))
        unit.add(a_photo(workspace.site_id, file.sha256, file_name=number))


def do_write(place: Place) -> None:
    with Workspace.open(place.workspace) as workspace:
        add(workspace, MEANWHILE)


def check_write(place: Place, finished: bool) -> None:
    """The unit is there wholly or not at all, and is there if the program went on after it."""
    with Workspace.open(place.workspace) as workspace:
        found = numbers(workspace)
        assert found in ({BEFORE}, {BEFORE, MEANWHILE}), found
        assert not finished or MEANWHILE in found, "what was called safe is gone"
        sound(workspace)
        if MEANWHILE not in found:
            add(workspace, MEANWHILE)
        sound(workspace)


def do_read(place: Place) -> None:
    reading.TAKEN_AT_ONCE = 1
    with Workspace.open(place.other) as workspace:
        read_bundles(workspace, place.stick, quiet())


def check_read(place: Place, finished: bool) -> None:
    """Some whole number of segments is there in causal order; reading again brings the rest."""
    with Workspace.open(place.other) as workspace, Workspace.open(place.workspace) as giver:
        sound(workspace)
        assert not finished or workspace.digest() == giver.digest()
        read_bundles(workspace, place.stick, quiet())
        assert workspace.digest() == giver.digest()
        assert numbers(workspace) == {BEFORE}
        sound(workspace)


def do_give(place: Place) -> None:
    with Workspace.open(place.workspace) as workspace, small_parts():
        add(workspace, MEANWHILE)
        write_bundle(workspace, place.stick, quiet())


def check_give(place: Place, finished: bool) -> None:
    """What is on the stick is of use, and another writing brings all of it."""
    with Workspace.open(place.other) as workspace, Workspace.open(place.workspace) as giver:
        sound(giver)
        read_bundles(workspace, place.stick, quiet())
        sound(workspace)
        assert BEFORE in numbers(workspace)
        assert not finished or workspace.digest() == giver.digest()
        write_bundle(giver, place.stick, quiet())
        read_bundles(workspace, place.stick, quiet())
        assert workspace.digest() == giver.digest()
        sound(workspace)


def do_rebuild(place: Place) -> None:
    with Workspace.open(place.workspace) as workspace:
        workspace.rebuild()
        workspace.back_up(place.stick)


def check_rebuild(place: Place, finished: bool) -> None:
    with Workspace.open(place.workspace) as workspace:
        assert numbers(workspace) == {BEFORE}
        sound(workspace)
        before, after = workspace.rebuild()
        assert before == after


Check = Callable[[Place, bool], None]
WORKS: dict[str, tuple[Callable[[Place], None], Check]] = {
    "write": (do_write, check_write),
    "read": (do_read, check_read),
    "give": (do_give, check_give),
    "rebuild": (do_rebuild, check_rebuild),
}


def numbers(workspace: Workspace) -> set[str]:
    with workspace.reading() as data:
        return set(data.column(Patrol, "number"))


def sound(workspace: Workspace) -> None:
    """What is shown is what the changes say, and every file that is here is whole."""
    assert state_in(workspace) == state_of(bodies(workspace).values(), KINDS)
    assert verify(workspace, quiet()).problems == []
    with workspace.reading() as data:
        photos = data.column(Photo, "file")
    here = [sha256 for sha256 in photos if workspace.files.path(sha256) is not None]
    assert all(workspace.files.whole(sha256) for sha256 in here)


def looked_at(check: Check, place: Place, finished: bool) -> int:
    check(place, finished)
    return FINISHED


def in_a_child(act: Callable[[], int]) -> int:
    """Its exit status, or less than zero where it was killed."""
    pid = os.fork()
    if pid == 0:
        status = BROKEN
        try:
            status = act()
        except KnownError as error:
            status = TOLD if error.text.endswith(".") and error.what_to_do else BROKEN
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main(work: str, fault: str, every: int, first: int, folder: Path) -> None:
    library = ctypes.CDLL(None)
    do, check = WORKS[work]
    how, number = FAULTS[fault]
    batches.BATCH_BYTES = 1
    seen: dict[str, int] = {"told": 0, "killed": 0, "finished all the same": 0}
    nth, place = first, Place(folder / "try")

    def tried() -> int:
        library.ranger_arm(ctypes.c_long(nth), how, number)
        try:
            do(place)
        finally:
            reached = library.ranger_calls() >= nth
            library.ranger_arm(ctypes.c_long(0), 0, 0)
        return FINISHED if reached else NEVER_CAME

    while True:
        shutil.rmtree(folder / "try", ignore_errors=True)
        shutil.copytree(folder / "fresh", folder / "try")
        status = in_a_child(tried)
        if status == NEVER_CAME:
            break
        if status not in (FINISHED, TOLD, -signal.SIGKILL):
            sys.exit(f"{work}: {fault} at call {nth}: no sentence, but status {status}")
        if in_a_child(partial(looked_at, check, place, status == FINISHED)) != FINISHED:
            sys.exit(f"{work}: {fault} at call {nth}: something was lost or is wrong")
        seen["told" if status == TOLD else "killed" if status < 0 else "finished all the same"] += 1
        nth += every
    print(nth - every, *seen.values())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5]))
