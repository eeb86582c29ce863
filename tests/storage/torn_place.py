"""Where a piece of work is done that the power fails upon, and what is looked at afterwards each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ranger_app.domain.patrols import Patrol
from ranger_app.domain.photos import Photo
from ranger_app.security.keys import DeviceKeys, keys_under
from ranger_app.storage import Workspace
from ranger_app.storage.verifying import verify
from tests.builders import a_patrol, a_photo, a_site, quiet

Say = Callable[[str], None]
"""What the program under trial says is safe, as it would tell a person."""
CONTENT = b"demo photo "
IN_A_UNIT = 3
PASSPHRASE = "a demo passphrase"
LAPTOP, OTHER = "laptop.ranger", "other.ranger"


@dataclass(frozen=True)
class Place:
    """The folders of one try; also the settings of the user lie there, and lose power with the rest."""

    folder: Path
    sealed: bool = False

    @property
    def config(self) -> Path:
        return self.folder / "config"

    @property
    def stick(self) -> Path:
        return self.folder / "stick"

    def __truediv__(self, name: str) -> Path:
        return self.folder / name

    def open(self, name: str = LAPTOP) -> Workspace:
        """By the database's key, which is in a file of the test's own: stretching a passphrase takes long."""
        return Workspace.open(self / name, unlock=self._unlock if self.sealed else None)

    def _unlock(self, device: Path) -> DeviceKeys:
        return keys_under(device, self._key(device.parent.name).read_bytes())

    def _key(self, name: str) -> Path:
        return self / f"{name}.key"

    def make(self, name: str = LAPTOP, *, joined: bool = True) -> None:
        """A laptop of a demo site, or one that belongs to none."""
        site, passphrase = a_site() if joined else None, PASSPHRASE if self.sealed else None
        with Workspace.create(self / name, site=site, passphrase=passphrase) as made:
            if made.keys.database_key is not None:
                self._key(name).write_bytes(made.keys.database_key)


@dataclass(frozen=True)
class Work:
    """`prepare` lays the folder out, `do` is written down, and `check` looks at what a power cut left."""

    name: str
    prepare: Callable[[Place], None]
    do: Callable[[Place, Say], None]
    check: Callable[[Place, set[str]], None]
    sealed: bool = False
    interrupted: bool = False
    """Whether the program is killed half way before it does it all again, and the power fails only then."""


def add_unit(workspace: Workspace, name: str) -> bytes:
    """Patrols with an edit of each, and a photo with its file; returns its hash."""
    file = workspace.files.add_bytes(CONTENT * 900 + name.encode())
    with workspace.unit(name) as unit:
        for _ in range(IN_A_UNIT):
            patrol = a_patrol(workspace.site_id, name)
            unit.add(patrol)
            unit.change(patrol, title=f"edit of {name}")
        unit.add(a_photo(workspace.site_id, file.sha256, folder=name))
    return file.sha256


def units_in(workspace: Workspace) -> set[str]:
    """The units that are there, each of them whole, with all that they speak of."""
    assert verify(workspace, quiet()).problems == []
    with workspace.reading() as data:
        patrols, photos = data.columns(Patrol, ("number", "title")), data.columns(Photo, ("file", "folder"))
    units = {name for name, _title in patrols}
    whole = sorted((name, f"edit of {name}") for name in units for _ in range(IN_A_UNIT))
    assert sorted(patrols) == whole, "half a unit"
    assert {folder for _file, folder in photos} == units, "half a unit"
    assert all(workspace.files.whole(sha256) for sha256, _folder in photos), "a file is gone or not whole"
    assert all(workspace.files.whole(sha256) for sha256, _path in workspace.files.stored()), "half a file"
    return units
