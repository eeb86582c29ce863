"""Every failure that a ranger can meet, each with a sentence and a way out.

KnownError                 the world's fault: said in one sentence, exit 1, never a traceback
├── BadInput               a file or value from outside is not what it should be
├── NotFound               what was asked for is not there
├── Refused                the program will not do this, and says why
├── WorkspaceError         the workspace itself cannot be opened or written
│   ├── WorkspaceLocked    another window has it
│   ├── WorkspaceTooNew    made by a newer Ranger
│   ├── WorkspaceDamaged   the database does not read as it was written
│   ├── WrongPassphrase    the key does not open it
│   ├── KeyStoreTrouble    the system's key store is missing, locked or without the key
│   └── DiskTrouble        full, read-only or vanished
└── Unfinished             stopped half way; what was done is kept and the rest can be done again

Anything else that is raised is a bug of ours and is left to propagate.
"""

from __future__ import annotations


class KnownError(Exception):
    """The world's fault. `text` is one sentence for a person; `what_to_do` is the way out."""

    code = "known"

    def __init__(self, text: str, what_to_do: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.what_to_do = what_to_do


class BadInput(KnownError):
    """A file or value from outside is not what it should be."""

    code = "bad-input"


class NotFound(KnownError):
    """What was asked for is not there."""

    code = "not-found"


class Refused(KnownError):
    """The program will not do this, and says why."""

    code = "refused"


class WorkspaceError(KnownError):
    """The workspace itself cannot be opened or written."""

    code = "workspace"


class WorkspaceLocked(WorkspaceError):
    """Another window or command has this workspace open."""

    code = "workspace-locked"


class WorkspaceTooNew(WorkspaceError):
    """This workspace was made by a newer Ranger."""

    code = "workspace-too-new"


class WorkspaceDamaged(WorkspaceError):
    """The database does not read as it was written."""

    code = "workspace-damaged"


class WrongPassphrase(WorkspaceError):
    """The key does not open the workspace."""

    code = "wrong-passphrase"


class KeyStoreTrouble(WorkspaceError):
    """The system's key store is missing, locked, or does not have the key. The passphrase still opens."""

    code = "key-store"


class DiskTrouble(WorkspaceError):
    """The disk is full, read-only or gone."""

    code = "disk"


class Unfinished(KnownError):
    """Stopped half way; what was done is kept and the rest can be done again."""

    code = "unfinished"
