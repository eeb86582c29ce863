"""Says what a stick holds, for whom, from whom and what is missing, without taking anything from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ranger_app.domain.ids import Id
from ranger_app.domain.sites import Device
from ranger_app.i18n import _
from ranger_app.jobs import Work
from ranger_app.security.sealing import recipient_of
from ranger_app.storage import Workspace
from ranger_app.storage.exchange.exchanging import sites
from ranger_app.sync.bundles.looking import Bundle, look_at
from ranger_app.sync.bundles.manifest import Manifest, mark
from ranger_app.sync.bundles.recipients import opening_secrets
from ranger_app.sync.bundles.stick import hash_of_file
from ranger_app.sync.bundles.taking import all_here
from ranger_app.sync.people.chain import Chain


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A part that is not there, or not as it was written."""

    name: str
    there: bool
    """It is there, and damaged."""
    segments: int | None = None
    """How many segments of changes it holds; None when nobody can say."""
    files: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleShown:
    """What one bundle on a stick is."""

    folder: Path
    bundle: str
    parts: int
    missing: tuple[Missing, ...]
    manifest: Manifest | None
    """The list of contents, when it is there and opens."""
    sealed: bool
    opens: bool
    """Whether this laptop can read it."""
    ours: bool
    """Whether this laptop wrote it."""
    for_site: str = ""
    """Name of the site that it is for, if it is known here."""
    from_laptop: str = ""
    finished: bool = True
    sealed_anew: bool = False
    new_here: bool | None = None
    """Whether there is something in it that is not here; None when that is not known without reading it."""

    @property
    def missing_parts(self) -> list[str]:
        return [one.name for one in self.missing]


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """Who looks: what is opened with, and the names that are known."""

    secrets: Sequence[str] = ()
    sites: Mapping[bytes, str] = field(default_factory=dict)
    """Names by mark."""
    laptops: Mapping[bytes, str] = field(default_factory=dict)
    """Names by mark."""
    own: bytes = b""
    """This laptop's mark."""
    workspace: Workspace | None = None


def acquaintance(workspace: Workspace) -> Acquaintance:
    """What this laptop knows of those who write bundles."""
    with workspace.reading() as data:
        names = {mark(one.replica): one.name for one in data.find(Device)}
    directory = Chain(workspace).directory()
    if directory is not None:
        names |= {mark(one.replica): one.name for one in directory.members.values()}
    known = {mark(workspace.site_id): _("this laptop's site")} if workspace.has_site else {}
    return Acquaintance(
        secrets=opening_secrets(workspace),
        sites=known | {mark(one.id): one.name for one in sites(workspace)},
        laptops=names,
        own=mark(workspace.keys.replica),
        workspace=workspace,
    )


def show_bundle(folder: Path, who: Acquaintance, work: Work, *, thoroughly: bool = False) -> BundleShown:
    """Say what a bundle folder holds and what is missing of it; every byte is read when `thoroughly`.
    `NewerBundle` when only a newer version can read it."""
    bundle = look_at(folder, who.secrets)
    head, manifest = bundle.head, bundle.manifest
    expected = bundle.expected()
    missing = []
    for n, name in enumerate(expected):
        work.tick(n, len(expected), f"{folder.name}/{name}")
        if not _is_whole(bundle, name, thoroughly=thoroughly):
            missing.append(_missing(bundle, name))
    site = mark(manifest.home) if manifest else head.site_mark if head else b""
    sender = mark(manifest.sender) if manifest else head.sender_mark if head else b""
    sealed = bool(head.sealed) if head else bundle.closed or bool(manifest and manifest.recipients)
    return BundleShown(
        folder=folder,
        bundle=bundle.name,
        parts=len(expected),
        missing=tuple(missing),
        manifest=manifest,
        sealed=sealed,
        opens=not sealed or _opens(bundle, who),
        ours=bool(who.own) and sender == who.own,
        for_site=who.sites.get(site, ""),
        from_laptop=who.laptops.get(sender, ""),
        finished=bundle.finished,
        sealed_anew=bundle.sealed_anew,
        new_here=_news(bundle, expected, who),
    )


def _opens(bundle: Bundle, who: Acquaintance) -> bool:
    if bundle.manifest is not None:
        return True
    ours = {mark(recipient_of(one).encode()) for one in who.secrets}
    return bundle.head is not None and bool(ours.intersection(bundle.head.key_marks))


def _news(bundle: Bundle, expected: Sequence[str], who: Acquaintance) -> bool | None:
    if who.workspace is None or bundle.manifest is None:
        return None
    if Id(bundle.manifest.sender) == who.workspace.keys.replica:
        return False
    return not all(all_here(who.workspace, bundle.contents(name)) for name in expected)


def _missing(bundle: Bundle, name: str) -> Missing:
    contents = bundle.contents(name)
    return Missing(
        name=name,
        there=name in bundle.names,
        segments=contents.segments if contents else None,
        files=len(contents.files) if contents else None,
    )


def _is_whole(bundle: Bundle, name: str, *, thoroughly: bool) -> bool:
    """Whether a part is there and, where the list says what it should be, is that."""
    path = bundle.names.get(name)
    try:
        if path is None or not path.is_file():
            return False
        part = bundle.part(name)
        if part is None:
            return bundle.manifest is None
        if path.stat().st_size != part.size_bytes:
            return False
        return not thoroughly or hash_of_file(path) == part.sha256
    except OSError:
        return False
