"""Lists the packs that are installed, in words for the Settings page: forms, models, the base map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ranger_app import config
from ranger_app.domain.errors import KnownError
from ranger_app.i18n import _, language, ngettext

if TYPE_CHECKING:
    from ranger_app.bootstrap import Ranger


@dataclass(frozen=True, slots=True)
class PackShown:
    """One pack in words. `is_fault`: it is there and cannot be used, and `about` says why."""

    title: str
    about: str
    is_fault: bool = False


def installed_packs(ranger: Ranger) -> list[PackShown]:
    """Every pack on this computer, those that cannot be used too."""
    return [*_forms(ranger), *_models(), *_basemap()]


def _forms(ranger: Ranger) -> list[PackShown]:
    packs = ranger.assessments.packs
    found = []
    for pack in packs.found.values():
        count = sum(1 for _one in pack.indicators())
        about = ngettext("Form {id} with {count} indicator", "Form {id} with {count} indicators", count)
        found.append(PackShown(pack.title(), about.format(id=pack.id, count=count)))
    return found + [
        PackShown(_("A form that cannot be used"), bad.text, is_fault=True) for bad in packs.refused
    ]


def _models() -> list[PackShown]:
    from ranger_app.inference.packs.finding import find_packs

    found = []
    for one in find_packs((config.data_dir() / "models", config.models_dir())):
        if one.pack is None:
            found.append(PackShown(one.folder.name, one.problem, is_fault=True))
            continue
        manifest = one.pack.manifest
        name = manifest.names.get(language()) or manifest.names.get("en") or manifest.id
        about = _("Model {id}, version {version}").format(id=manifest.id, version=manifest.version)
        found.append(PackShown(name, about))
    return found


def _basemap() -> list[PackShown]:
    from ranger_app.maps.basemap import open_basemap

    try:
        basemap = open_basemap(config.resources_dir() / "maps")
    except KnownError as error:
        return [PackShown(_("Base map"), f"{error.text} {error.what_to_do}".strip(), is_fault=True)]
    return [PackShown(_("Base map of the world"), basemap.attribution)]
