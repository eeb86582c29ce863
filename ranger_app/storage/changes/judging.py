"""Which ops count, by the directory of their site: asked of every segment, and before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ranger_app.domain.changes import Op, Segment
from ranger_app.domain.errors import Refused
from ranger_app.domain.kinds import BY_NAME, BY_NUMBER
from ranger_app.domain.people import Roles, anybody_on
from ranger_app.domain.quotas import allowance, is_beyond
from ranger_app.domain.roles import NOTHING, Deed, Rights, allowed, deed, rights_within
from ranger_app.i18n import _, ngettext, number
from ranger_app.storage.changes.directories import any_directory, followed
from ranger_app.storage.changes.feeds import Feed, FeedBook


class Judge:
    """Says of each segment of one stream whether it may be looked at yet, and which of its ops count."""

    def __init__(self, database: Any, book: FeedBook, stream: int) -> None:
        self._database = database
        self._stream = stream
        self._followed = followed(database, book.stream_id(stream))
        self._waits = self._followed is None and any_directory(database)
        self._refused: list[tuple[Any, ...]] = []
        self._allowances: dict[bytes, int] = {}

    def knows(self, version: int) -> bool:
        """Whether the version of the directory that a segment names is here."""
        return not self._waits and version <= (self._followed.highest if self._followed else 0)

    def counting(self, feed: Feed, segment: Segment, ops: list[tuple[int, Op]]) -> list[tuple[int, Op]]:
        """The ops that their writer had the right to; the others are noted, and kept in their segment. The
        feed is as it is with this segment."""
        if self._followed is None:
            return ops
        asked = self._followed.directory.roles_of(
            segment.replica, segment.seq, segment.directory_version, segment.author
        )
        beyond = asked is not None and self._is_beyond(feed, segment.seq)
        given = NOTHING if beyond else rights_within(asked)
        if given is None:
            return ops
        good = [one for one in ops if allowed(given, one[1].kind, one[1].field)] if not beyond else []
        if len(good) < len(ops):
            role, counted = roles_text(asked), {index for index, _op in good}
            self._refused += [
                (self._stream, feed.number, segment.seq, index, op.kind, op.row, op.field, role, int(beyond))
                for index, op in ops
                if index not in counted
            ]
        return good

    def _is_beyond(self, feed: Feed, seq: int) -> bool:
        assert self._followed is not None
        directory = self._followed.directory
        if feed.replica not in self._allowances:
            self._allowances[feed.replica] = allowance(directory, feed.replica)
        return is_beyond(directory, feed.replica, seq, feed.changes, self._allowances[feed.replica])

    def note(self) -> None:
        """Write down what was refused."""
        self._database.executemany(
            "insert into refused (stream, feed, seq, op, kind, row, field, role, beyond) "
            "values (?,?,?,?,?,?,?,?,?)",
            self._refused,
        )
        self._refused = []


@dataclass(frozen=True, slots=True)
class Standing:
    """What may be written here in one stream, and the version of the directory that says so."""

    version: int
    asked: Roles | None
    """The roles to be within, of the laptop and of who is signed in; None when nothing would count."""
    given: Rights | None
    nobody: bool = False
    """Whether people sign in on this laptop and none has."""
    changes: int = 0
    """What this laptop has brought so far."""
    quota: int | None = None
    """What it may bring; None while there is no directory."""

    def check(self, op: Op) -> None:
        """`Refused` with a sentence when this op is not within the rights."""
        if not self.nobody and allowed(self.given, op.kind, op.field):
            return
        raise Refused(*self.why_not(op.kind, deed(op.field)))

    def check_quota(self, more: int) -> None:
        """`Refused` when so many more changes of this laptop would not all be within its quota."""
        if self.quota is not None and self.changes + more > self.quota:
            raise Refused(
                ngettext(
                    "This laptop may bring {most} change, and this would be more: it would be kept aside.",
                    "This laptop may bring {most} changes, and this would be more: it would be kept aside.",
                    self.quota,
                ).format(most=number(self.quota)),
                _("Ask an administrator to raise it: ranger-app device quota DEVICE N; nothing was changed."),
            )

    def why_not_in_words(self, kind: str, act: Deed) -> str:
        """Why a kind of record may not be treated so here, with the way out; empty when it may."""
        return " ".join(filter(None, self.why_not(BY_NAME[kind].number, act)))

    def why_not(self, kind: int, act: Deed) -> tuple[str, str]:
        """Why something is not allowed, and what to do about it; empty when it is."""
        if self.nobody:
            return (
                _("People sign in on this laptop, and nobody has: it would not be known who wrote this."),
                _("Sign in, or name yourself: --as NAME, or RANGER_PERSON in a script."),
            )
        if self.given is None or (kind, act) in self.given:
            return "", ""
        if self.asked is None:
            return (
                _("This laptop is none of this site's devices, or no longer: nobody would take its changes."),
                _("Have it enrolled: ranger-app join DIR --request FILE."),
            )
        role = roles_text(self.asked)
        words = _sentence_of_person(act) if len(self.asked) > 1 else _sentence(act)
        return words.format(role=role, kind=_kind_name(kind)), _way_out()


def standing(database: Any, feed: Feed | None, site: bytes, replica: bytes, author: bytes) -> Standing:
    """The standing of a laptop and of a person on it in a stream; everything is allowed while there is no
    directory."""
    found = followed(database, site)
    if found is None:
        given = NOTHING if any_directory(database) else None
        return Standing(0, None, given)
    directory = found.directory
    member = directory.member_of(replica)
    asked = directory.roles_of(replica, (feed.applied if feed else 0) + 1, directory.version, author)
    nobody = not author and member is not None and anybody_on(directory.people, member.replica)
    return Standing(
        directory.version,
        asked,
        rights_within(asked),
        nobody,
        changes=feed.changes if feed else 0,
        quota=allowance(directory, replica),
    )


def roles_text(asked: Roles | None) -> str:
    """Roles as they are noted: the laptop's, then the person's."""
    return ", ".join("+".join(sorted(roles)) for roles in asked or ())


def _sentence(act: Deed) -> str:
    match act:
        case Deed.ADD:
            return _("The role of this laptop, {role}, does not allow adding a record of the kind {kind}.")
        case Deed.CHANGE:
            return _("The role of this laptop, {role}, does not allow changing a record of the kind {kind}.")
        case Deed.REMOVE:
            return _("The role of this laptop, {role}, does not allow removing a record of the kind {kind}.")


def _sentence_of_person(act: Deed) -> str:
    match act:
        case Deed.ADD:
            return _("The roles of this laptop and of you, {role}, do not allow adding a {kind} together.")
        case Deed.CHANGE:
            return _("The roles of this laptop and of you, {role}, do not allow changing a {kind} together.")
        case Deed.REMOVE:
            return _("The roles of this laptop and of you, {role}, do not allow removing a {kind} together.")


def _kind_name(number: int) -> str:
    return BY_NUMBER[number].name.replace("_", " ") if number in BY_NUMBER else str(number)


def _way_out() -> str:
    return _("Ask a manager to do it, or an administrator for another role; nothing was changed.")
