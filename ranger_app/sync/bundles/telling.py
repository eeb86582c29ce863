"""Says in plain words what was written to a stick, taken from it, and what lies on it."""

from __future__ import annotations

from ranger_app.i18n import _, file_size, ngettext, number
from ranger_app.sync.bundles.clearing import OwnBundle
from ranger_app.sync.bundles.showing import BundleShown, Missing
from ranger_app.sync.bundles.taking import BundleRead
from ranger_app.sync.bundles.writing import BundleWritten, Plan


def written_words(done: BundleWritten) -> list[str]:
    """What was put on a stick, and what was not."""
    begin = _("Went on with {folder} and finished it") if done.resumed else _("Wrote {folder}")
    words = [
        _("{begin}: {changes} and {files}, {size}, read back and checked.").format(
            begin=begin.format(folder=done.folder),
            changes=changes_words(done.segments),
            files=files_words(done.files),
            size=file_size(done.bytes),
        )
    ]
    if done.files_left_out:
        words.append(
            ngettext(
                "{n} original did not fit and stays here.",
                "{n} originals did not fit and stay here.",
                done.files_left_out,
            ).format(n=number(done.files_left_out))
        )
    if done.files_elsewhere:
        words.append(
            ngettext(
                "{n} file is not on this laptop and was left out.",
                "{n} files are not on this laptop and were left out.",
                done.files_elsewhere,
            ).format(n=number(done.files_elsewhere))
        )
    words.append(_("Nobody has it yet: a receipt comes back with the stick."))
    if done.for_outsiders:
        words.append(
            _(
                "It is sealed to those outside whose keys you gave, and to no laptop of this site; what "
                "tells who and where is not in it."
            )
        )
    elif done.sealed:
        words.append(_("It is sealed: only laptops of this site, or its recovery sheet, can read it."))
    else:
        words.append(unsealed_words())
    if done.outside is not None:
        words.append(
            _("Beside it lies {folder} for the assessors' laptops, without what is not for them.").format(
                folder=done.outside.name
            )
        )
    return words


def unsealed_words() -> str:
    """What is said wherever something leaves unsealed."""
    return _(
        "It is NOT sealed: this workspace was made without a passphrase and its site has no list of devices, "
        "so whoever has the stick can read everything on it."
    )


def read_words(found: BundleRead) -> list[str]:
    """What was taken from a stick, what could not be, and what to do about it."""
    words = []
    if found.joined:
        words.append(_("This workspace now belongs to {site}.").format(site=found.joined))
    if found.segments_new or found.files_new or found.small_pictures_new:
        words.append(
            _("Taken: {what}.").format(
                what=what_words(found.segments_new, found.files_new, found.small_pictures_new)
            )
        )
    elif found.bundles and not found.missing_parts:
        words.append(_("There was nothing new in it."))
    words += _left_words(found)
    if found.unsealed:
        words.append(
            ngettext(
                "{n} bundle was not sealed: whoever had the stick could read it.",
                "{n} bundles were not sealed: whoever had the stick could read them.",
                found.unsealed,
            ).format(n=number(found.unsealed))
        )
    if found.forks:
        words.append(
            _("A workspace was copied and both copies were used; what they wrote since is kept aside.")
        )
    words += _receipt_words(found)
    if found.differences:
        words.append(
            ngettext("{n} difference to settle.", "{n} differences to settle.", found.differences).format(
                n=number(found.differences)
            )
        )
    return words


def _receipt_words(found: BundleRead) -> list[str]:
    words = []
    if found.receipts:
        words.append(
            _("Signed for by {laptops}: what you gave is there.").format(
                laptops=", ".join(dict.fromkeys(found.receipts))
            )
        )
    if found.receipts_left:
        words.append(_("A receipt lies on the stick now; take it back to whoever gave it to you."))
    if found.receipts_refused:
        words.append(
            _(
                "No receipt could be left on the stick, which is full or cannot be written to: whoever gave "
                "it to you will not know that this laptop has it."
            )
        )
    return words


def _left_words(found: BundleRead) -> list[str]:
    words = []
    if found.missing_parts:
        words.append(
            ngettext(
                "Missing or damaged, the rest was taken; fetch it again: {names}.",
                "Missing or damaged, the rest was taken; fetch them again: {names}.",
                len(found.missing_parts),
            ).format(names=", ".join(found.missing_parts))
        )
    if found.not_for_us:
        words.append(
            ngettext(
                "Sealed for other laptops and left on the stick; carry it on: {names}.",
                "Sealed for other laptops and left on the stick; carry them on: {names}.",
                len(found.not_for_us),
            ).format(names=", ".join(found.not_for_us))
        )
    if found.too_new:
        words.append(
            ngettext(
                "{n} bundle is from a newer Ranger and was left on the stick.",
                "{n} bundles are from a newer Ranger and were left on the stick.",
                found.too_new,
            ).format(n=number(found.too_new))
        )
    if found.sealed_anew:
        words.append(
            _(
                "Somebody sealed this for us whom it was not written for; its list of contents was not "
                "believed: {names}."
            ).format(names=", ".join(found.sealed_anew))
        )
    if found.segments_refused:
        words.append(
            ngettext(
                "{n} change was not signed as it should be and was refused.",
                "{n} changes were not signed as they should be and were refused.",
                found.segments_refused,
            ).format(n=number(found.segments_refused))
        )
    return words


def shown_words(shown: BundleShown) -> list[str]:
    """What one bundle on a stick is: from whom, for whom, what is in it and what is missing."""
    sender = _("this laptop") if shown.ours else shown.from_laptop or _("a laptop that is not known here")
    site = shown.for_site or _("a site that is not known here")
    words = [
        _("Bundle {name} is from {laptop}, for {site}.").format(name=shown.bundle, laptop=sender, site=site)
    ]
    manifest = shown.manifest
    if manifest is not None:
        words.append(
            _("It holds {changes} and {files}, {size}.").format(
                changes=changes_words(manifest.segments),
                files=files_words(manifest.files),
                size=file_size(manifest.file_bytes),
            )
        )
    if not shown.sealed:
        words.append(_("It is NOT sealed: whoever has the stick can read it."))
    elif shown.opens:
        words.append(_("It is sealed, and this laptop can open it."))
    else:
        words.append(_("It is sealed for other laptops, and cannot be opened here: carry it on."))
    if shown.sealed_anew:
        words.append(_("Somebody sealed it anew: its list of contents is not believed."))
    if not shown.finished:
        words.append(
            _("Its writing was not finished. What is there is of use; written again, it is gone on with.")
        )
    words += [missing_words(one) for one in shown.missing]
    if not shown.parts:
        words.append(_("Nothing in it can be read: no part of it is here."))
    elif not shown.missing:
        words.append(
            ngettext("Its one part is here.", "All of its {n} parts are here.", shown.parts).format(
                n=number(shown.parts)
            )
        )
    if shown.new_here is not None and not shown.ours:
        words.append(_("Something in it is new here.") if shown.new_here else _("Nothing in it is new here."))
    return words


def missing_words(one: Missing) -> str:
    """Which part to fetch, and what for."""
    what = _("Part {name} is damaged") if one.there else _("Part {name} is missing")
    if one.segments is None or one.files is None:
        return _("{what}: fetch it again.").format(what=what.format(name=one.name))
    return _("{what}, with {changes} and {files}: fetch it again.").format(
        what=what.format(name=one.name), changes=changes_words(one.segments), files=files_words(one.files)
    )


def plan_words(plan: Plan) -> list[str]:
    """What would be written, and whether there is room for it."""
    weight = plan.weight
    if not weight.something:
        return [_("Nothing to give: the others are known to have everything that is here.")]
    words = [
        _("To give: {changes} of changes and {files} ({size}); {free} are free.").format(
            changes=file_size(weight.changes_bytes),
            files=files_words(weight.files),
            size=file_size(weight.file_bytes),
            free=file_size(plan.free_bytes),
        )
    ]
    if not plan.changes_fit:
        words.append(_("Not even the changes fit: free some space on it, or take another stick."))
    elif not plan.fits:
        words.append(_("Not all originals fit: take as many as do, or none."))
    if plan.sealed:
        words.append(_("It will be sealed: only laptops of this site can read it."))
    else:
        words.append(unsealed_words())
    return words


def own_words(own: OwnBundle) -> str:
    """Who has signed for a bundle of this laptop, and who has not."""
    if not own.signed_by:
        return _("Bundle {name}, {size}: nobody has signed for it yet, it stays.").format(
            name=own.bundle, size=file_size(own.bytes)
        )
    words = ngettext(
        "Bundle {name}, {size}: {laptops} holds all of it.",
        "Bundle {name}, {size}: {laptops} hold all of it.",
        len(own.signed_by),
    ).format(name=own.bundle, size=file_size(own.bytes), laptops=", ".join(own.signed_by))
    if own.waiting_for:
        words += " " + _("Not heard of: {laptops}.").format(laptops=", ".join(own.waiting_for))
    return words


def what_words(changes: int, files: int, small: int) -> str:
    """What moved, without what did not."""
    said = [changes_words(changes)] if changes else []
    said += [files_words(files)] if files else []
    said += (
        [ngettext("{n} small picture", "{n} small pictures", small).format(n=number(small))] if small else []
    )
    return ", ".join(said)


def changes_words(count: int) -> str:
    """So many segments of changes."""
    return ngettext("{n} change", "{n} changes", count).format(n=number(count))


def files_words(count: int) -> str:
    """So many files."""
    return ngettext("{n} file", "{n} files", count).format(n=number(count))
