"""Works with workspaces by whichever version of the program is on the path, and tells in JSON what it shows.

PYTHONPATH=VERSION python tests/sync/program.py '[["make", "a"], ["write", "a", "P-1"], …]'
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from ranger_app.domain import assessments, kinds, patrols
from ranger_app.domain.fields import Record
from ranger_app.domain.ids import Id, derived_id
from ranger_app.domain.kinds import BY_NAME
from ranger_app.domain.patrols import Patrol
from ranger_app.domain.sites import Site
from ranger_app.jobs import Work
from ranger_app.storage import Workspace
from ranger_app.storage.changes.segments import hash_of
from ranger_app.storage.exchange.exchanging import segments_above
from ranger_app.storage.verifying import verify
from ranger_app.sync.bundles.reading import read_bundles
from ranger_app.sync.bundles.writing import write_bundle

try:
    from ranger_app.storage.strays import keep_strays, strays
except ImportError:  # a program from before they had a room of their own
    from ranger_app.storage.exchange.exchanging import keep_strays, strays  # type: ignore[attr-defined,no-redef]

SITE = derived_id(1, "demo site of versions")
SHARED = derived_id(1, "demo patrol that all edit")
NEW_RECORD = 4_000
"""A type of record in bundles that only the program to come knows."""


def make(folder: Path) -> None:
    site = Site(id=SITE, site_id=SITE, name="Demo park")
    Workspace.create(folder, site=site).close()


def begin(folder: Path) -> None:
    Workspace.create(folder, site=None).close()


def write(folder: Path, name: str) -> None:
    """A patrol of one's own, an edit of one that all edit, and one of whatever else this version knows."""
    with Workspace.open(folder) as workspace:
        if not workspace.has_site:
            workspace.settle_in(SITE)
        with workspace.unit("write") as unit:
            unit.add(Patrol(id=own(name), site_id=SITE, number=name, **newest(name)))
            if unit.data.get(Patrol, SHARED) is None:
                unit.add(Patrol(id=SHARED, site_id=SITE, number="SHARED", **newest(name)))
            else:
                unit.change((Patrol, SHARED), title=f"edited by {name}", **newest(name))
            for known in more(name):
                unit.add(known)
        if "drone" in BY_NAME["patrol"].by_name:
            payload = f"from the program to come, by {name}".encode()
            keep_strays(workspace, [(hashlib.sha256(payload).digest(), NEW_RECORD, payload)])


def own(name: str) -> Id:
    return derived_id(1, "demo patrol", name)


def newest(name: str) -> dict[str, Any]:
    """Fields of a patrol that not every version has."""
    return {
        field: f"{field} by {name}" for field in ("time_zone", "drone") if field in BY_NAME["patrol"].by_name
    }


def more(name: str) -> list[Record]:
    """Records of kinds that not every version has."""
    found: list[Record] = []
    if "action" in kinds.BY_NAME:
        round_ = derived_id(1, "demo assessment")
        action = assessments.Action
        found.append(action(site_id=SITE, assessment_id=round_, indicator="1.1", what=f"mend by {name}"))
    if "flight" in kinds.BY_NAME:
        flight = patrols.Flight  # type: ignore[attr-defined]
        found.append(flight(site_id=SITE, patrol_id=own(name), aircraft=name))
    return found


def give(folder: Path, stick: Path) -> None:
    with Workspace.open(folder) as workspace:
        write_bundle(workspace, stick, Work(lambda _progress: None))


def read(folder: Path, stick: Path) -> None:
    with Workspace.open(folder) as workspace:
        done = read_bundles(workspace, stick, Work(lambda _progress: None))
        assert not done.damaged
        assert not done.missing_parts


def tell(folder: Path) -> dict[str, Any]:
    with Workspace.open(folder) as workspace:
        before, after = workspace.rebuild()
        assert before == after
        assert verify(workspace, Work(lambda _progress: None)).problems == []
        shown: dict[str, Any] = {}
        with workspace.reading() as data:
            for kind in ("patrol", "action", "flight"):
                if kind in kinds.BY_NAME:
                    spec = kinds.BY_NAME[kind]
                    shown[kind] = {
                        one.id.hex(): {f: str(getattr(one, f)) for f in spec.by_name}
                        for one in data.find(spec.cls)
                    }
        with workspace.reading_raw() as database:
            unread = database.execute("select count(*) from segment where unread = 1").fetchone()[0]
        return {
            "shown": shown,
            "segments": sorted(hash_of(one.body).hex() for one in segments_above(workspace, {})),
            "strays": sorted(payload.decode() for _type, payload in strays(workspace)),
            "differences": workspace.differences(),
            "digest": workspace.digest(),
            "unread": unread,
        }


def main(acts: list[list[str]]) -> None:
    told = None
    for act, *words in acts:
        told = globals()[act](*(word if n and act == "write" else Path(word) for n, word in enumerate(words)))
    print(json.dumps(told))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
