"""Does pieces of work while book is kept of what they do to the disk.

LD_PRELOAD=recorded_calls.so python -m tests.storage.torn_works

Each line on the standard input, of words with tabs between them, is a WORK, a FAULT of the program or
nothing, KILLED, a FOLDER and a BOOK. The work is done in the folder by a child of this process. Unless KILLED
is 0, it is killed after so many calls, and another child does it from the beginning.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

from tests.storage.recorded import Recorder, note_what_is_there
from tests.storage.torn_exchange import EXCHANGE
from tests.storage.torn_faults import FAULTS
from tests.storage.torn_hub import ON_A_HUB
from tests.storage.torn_keeping import KEEPING
from tests.storage.torn_place import Place, Work
from tests.storage.torn_units import UNITS
from tests.sync.planting import planted

WORKS: dict[str, Work] = {work.name: work for work in (*UNITS, *EXCHANGE, *KEEPING, *ON_A_HUB)}


def prepare(work: Work, place: Place, book: Path) -> None:
    place.config.mkdir()
    work.prepare(place)
    note_what_is_there(place.folder, book)


def do(work: Work, fault: str, place: Place, book: Path, *, killed: int) -> None:
    recorder = Recorder()
    with planted(*FAULTS[fault].changes if fault else ()):
        recorder.start(place.folder, book, most=killed)
        work.do(place, recorder.say)
        recorder.stop()


def in_a_child(named: str, fault: str, killed: int, folder: Path, book: Path) -> int:
    """Its exit status, or less than zero where it was killed."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            work = WORKS[named]
            place = Place(folder, work.sealed)
            os.environ["RANGER_CONFIG_DIR"] = str(place.config)
            if not book.exists():
                prepare(work, place, book)
            do(work, fault, place, book, killed=killed)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main() -> None:
    for asked in sys.stdin:
        named, fault, killed, folder, book = asked.rstrip("\n").split("\t")
        status = -1
        if killed != "0":
            status = in_a_child(named, fault, int(killed), Path(folder), Path(book))
        if status < 0:
            status = in_a_child(named, fault, 0, Path(folder), Path(book))
        print(status, flush=True)


if __name__ == "__main__":
    main()
