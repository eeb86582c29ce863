"""Exchange with other laptops, as the window and the command line ask for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ranger_app.domain.errors import KnownError
from ranger_app.domain.ids import Id
from ranger_app.domain.roles import OUTSIDE
from ranger_app.domain.sites import Device
from ranger_app.jobs import Work
from ranger_app.storage import Touched, Workspace
from ranger_app.storage.differences.settling import sign_merges
from ranger_app.storage.exchange.exchanging import sites
from ranger_app.sync.bundles.cargo import Originals, Wanted, weigh
from ranger_app.sync.bundles.clearing import OwnBundle, clear_bundle, own_bundles
from ranger_app.sync.bundles.diary import READ, WRITTEN, Entry, entries, write_down
from ranger_app.sync.bundles.heard import NOTHING_KNOWN, lacking
from ranger_app.sync.bundles.looking import find_bundles
from ranger_app.sync.bundles.reading import read_bundles
from ranger_app.sync.bundles.recipients import key_of_outsiders
from ranger_app.sync.bundles.showing import BundleShown, acquaintance, show_bundle
from ranger_app.sync.bundles.taking import BundleRead
from ranger_app.sync.bundles.trading import StickSeen, Traded, glance_at_stick, look_at_stick, trade
from ranger_app.sync.bundles.writing import BundleWritten, Plan, plan_bundle, write_bundle
from ranger_app.sync.people.chain import outsiders_of
from ranger_app.sync.people.devices import Devices

if TYPE_CHECKING:
    from ranger_app.sync.hub.exchange import Synced
    from ranger_app.sync.hub.line import Patience
    from ranger_app.sync.hub.sealed import SealedFetched, SealedSent
    from ranger_app.sync.hub.seen import HubSeen
    from ranger_app.sync.people.admission import Card


class Exchange:
    """Bundles out and in, and the laptops seen."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def write(
        self,
        target: Path,
        work: Work,
        *,
        originals: Originals = Originals.ALL,
        everything: bool = False,
        receivers: Collection[bytes] | None = None,
        outsiders: Sequence[str] = (),
    ) -> BundleWritten:
        """Write what the site's other laptops lack (`receivers`, or all of them) to a folder, such as a
        stick, sealed to the site; all that is here, if `everything`, or as long as they are not known. For
        `outsiders`, by their keys, all that is here but what tells who and where. Outsiders who are enrolled
        get a bundle of their own beside that of the site, which they cannot open."""
        Devices(self._workspace).part_from_outsiders()
        aside = everything or bool(outsiders)
        spare = NOTHING_KNOWN if aside else lacking(self._workspace, receivers)
        done = write_bundle(
            self._workspace,
            target,
            work,
            known=spare.known,
            held=spare.held,
            originals=originals,
            outsiders=outsiders or None,
        )
        if not outsiders:
            done.outside = self._write_outside(target, work, everything=everything)
        self._note(WRITTEN, target, segments=done.segments, files=done.files, bytes=done.bytes)
        return done

    def _write_outside(self, target: Path, work: Work, *, everything: bool) -> Path | None:
        """A bundle of what the enrolled outsiders lack; None when there is nobody, or nothing that they
        lack."""
        key, wanted = key_of_outsiders(self._workspace), self._wanted_outside(everything=everything)
        if key is None or wanted is None or not weigh(self._workspace, wanted, work).something:
            return None
        known, held = wanted.known, wanted.held
        return write_bundle(self._workspace, target, work, known=known, held=held, outsiders=[key]).folder

    def _wanted_outside(self, *, everything: bool) -> Wanted | None:
        """What goes to the enrolled outsiders, without what is not for them; None where there are none, or
        this laptop is one of theirs."""
        directory = Devices(self._workspace).directory()
        if directory is None or key_of_outsiders(self._workspace) is None:
            return None
        mine = directory.member_of(self._workspace.keys.replica)
        if mine is None or mine.role in OUTSIDE:
            return None
        theirs = {one.replica for one in outsiders_of(directory)}
        spare = NOTHING_KNOWN if everything else lacking(self._workspace, theirs)
        return Wanted(known=spare.known, site=self._workspace.site_id, held=spare.held, whole=False)

    def read(self, place: Path, work: Work, *, secrets: Sequence[str] = ()) -> BundleRead:
        """Take what is new from every bundle at a place. `secrets` open besides those of this laptop, such
        as that of the recovery sheet."""
        with self._signing_merges():
            done = read_bundles(self._workspace, place, work, secrets=secrets)
        self._note(READ, place, segments=done.segments_new, files=done.files_new)
        return done

    def show(self, place: Path, work: Work, *, thoroughly: bool = False) -> list[BundleShown]:
        """What the bundles at a place hold, without taking anything; every byte is read if `thoroughly`."""
        who = acquaintance(self._workspace)
        return [show_bundle(folder, who, work, thoroughly=thoroughly) for folder in find_bundles(place)]

    def plan(self, target: Path, work: Work, *, everything: bool = False) -> Plan:
        """What `write` would write to a place, and the room that there is; nothing is written."""
        spare = NOTHING_KNOWN if everything else lacking(self._workspace)
        plan = plan_bundle(self._workspace, target, spare, work)
        outside = self._wanted_outside(everything=everything)
        if outside is None:
            return plan
        return replace(plan, weight=plan.weight.with_more(weigh(self._workspace, outside, work)))

    def glance(self, place: Path, work: Work) -> StickSeen:
        """What a stick holds, without working out what would be written to it."""
        return glance_at_stick(self, self._workspace, place, work)

    def look(self, place: Path, work: Work) -> StickSeen:
        """What a stick holds, and what would be written to it; nothing is taken or written."""
        return look_at_stick(self, self._workspace, place, work)

    def trade(
        self,
        place: Path,
        work: Work,
        *,
        take: bool = True,
        give: bool = True,
        originals: Originals = Originals.ALL,
        secrets: Sequence[str] = (),
    ) -> Traded:
        """Take what is on a stick, then give what the others lack. `secrets` open besides this laptop's."""
        return trade(self, place, work, take=take, give=give, originals=originals, secrets=secrets)

    @staticmethod
    def secret_of_sheet(untrusted: str) -> str:
        """What opens every bundle that was sealed since this recovery sheet was printed; `BadInput` says what
        is wrong with its words."""
        from ranger_app.security.recovery import read_sheet

        return read_sheet(untrusted).opening_secret

    def own(self, place: Path) -> list[OwnBundle]:
        """The bundles of this laptop at a place, and who has signed for them."""
        return own_bundles(self._workspace, place)

    def clear(self, folder: Path) -> int:
        """Delete one of them from its stick; `Refused` unless another laptop has signed for it."""
        return clear_bundle(self._workspace, folder)

    def diary(self) -> list[Entry]:
        """The bundles that this laptop has written and read, newest first."""
        return entries(self._workspace.folder)

    def _note(self, way: str, place: Path, **counts: int) -> None:
        entry = Entry(at=datetime.now(UTC), way=way, place=place.name or str(place), **counts)
        write_down(self._workspace.folder, entry)

    def sync(
        self,
        work: Work,
        *,
        url: str | None = None,
        new_hub: bool = False,
        files: bool = True,
        patience: Patience | None = None,
    ) -> Synced:
        """Exchange with a hub over the network; see `hub_sync.sync_with_hub`. How it went is kept."""
        from ranger_app.sync.hub.exchange import sync_with_hub

        try:
            with self._signing_merges():
                done = sync_with_hub(
                    self._workspace, work, url=url, new_hub=new_hub, files=files, patience=patience
                )
        except KnownError as error:
            self._note_exchange(failed=error.text, way_out=error.what_to_do, code=error.code)
            raise
        moved = {
            name: getattr(done, name)
            for name in ("segments_sent", "segments_received", "files_sent", "files_received")
        }
        self._note_exchange(
            confirmed=done.complete,
            reasons=tuple(dict.fromkeys(done.not_confirmed)),
            bytes_sent=done.bytes_sent,
            bytes_received=done.bytes_received,
            **moved,
        )
        place = Path(done.hub.partition("//")[2])
        if done.segments_sent or done.files_sent:
            self._note(
                WRITTEN, place, segments=done.segments_sent, files=done.files_sent, bytes=done.bytes_sent
            )
        if done.segments_received or done.files_received:
            self._note(
                READ,
                place,
                segments=done.segments_received,
                files=done.files_received,
                bytes=done.bytes_received,
            )
        return done

    def send_bundles(
        self, place: Path, work: Work, *, url: str | None = None, patience: Patience | None = None
    ) -> SealedSent:
        """Leave the sealed bundles at a place at a hub, which cannot open them."""
        from ranger_app.sync.hub.sealed import send_to_hub

        return send_to_hub(self._workspace, place, work, url=url, patience=patience)

    def fetch_bundles(
        self, work: Work, *, url: str | None = None, patience: Patience | None = None
    ) -> SealedFetched:
        """Fetch and read the sealed bundles that wait at a hub, and exchange nothing else with it."""
        from ranger_app.sync.hub.sealed import fetch_from_hub

        with self._signing_merges():
            done = fetch_from_hub(self._workspace, work, url=url, patience=patience)
        for read in done.read:
            self._note(READ, Path("hub"), segments=read.segments_new, files=read.files_new)
        return done

    def _note_exchange(self, **how: Any) -> None:
        from ranger_app.sync.hub.memory import LastExchange, note_exchange

        note_exchange(self._workspace.folder, LastExchange(at=datetime.now(UTC), **how))

    def hub(self) -> HubSeen:
        """The hub of this workspace as far as it is known here; nothing is asked of the network."""
        from ranger_app.sync.hub.seen import see_hub

        return see_hub(self._workspace)

    def set_hub(self, *, url: str | None = None, automatic: bool | None = None) -> None:
        """Remember an address (empty: no hub any more), and whether to go there without being asked."""
        from ranger_app.sync.hub.seen import set_hub

        set_hub(self._workspace.folder, url=url, automatic=automatic)

    def trust_authority(self, path: Path | None) -> None:
        """Believe the certificate of the hub when the authority in this file (PEM) has signed it, and nobody
        else; None: when those have whom this computer trusts."""
        from ranger_app.sync.hub.authority import keep_authority, read_authority

        keep_authority(self._workspace.folder, None if path is None else read_authority(path))

    def card(self) -> Card:
        """What this laptop hands to the keeper of a hub, to be let in."""
        from ranger_app.sync.people.admission import Card

        replica = self._workspace.keys.replica
        name = next((device.name for device in self.devices() if device.replica == replica), "")
        known = tuple((site.id, site.name) for site in sites(self._workspace))
        return Card(self._workspace.keys.public_key, name, known)

    def write_card(self, path: Path) -> None:
        """Write that as a file."""
        from ranger_app.sync.people.admission import write_card

        write_card(path, self.card())

    def devices(self) -> list[Device]:
        """The laptops that have written something here, by name."""
        with self._workspace.reading() as data:
            return data.find(Device, order=("name",))

    @contextmanager
    def _signing_merges(self) -> Iterator[None]:
        """Sign afterwards what merged by itself in what comes in."""
        came: dict[str, dict[Id, None]] = {}

        def remember(touched: Touched) -> None:
            for kind, ids in touched.kinds.items():
                came.setdefault(kind, {}).update(dict.fromkeys(ids))

        stop = self._workspace.watch(remember)
        try:
            yield
        finally:
            stop()
        sign_merges(self._workspace, came)
