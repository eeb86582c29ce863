"""The Settings page: how Ranger looks and speaks, the site itself, the packs that are installed, about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from ranger_app import __version__, config
from ranger_app.config import Appearance
from ranger_app.domain.sites import Site
from ranger_app.gui import asking
from ranger_app.gui.context import Context
from ranger_app.gui.drafts import Typed, back_words
from ranger_app.gui.entering.new_site import BOUNDARY_ENDINGS, zone_field, zones
from ranger_app.gui.look.theme import ems
from ranger_app.gui.packs import PackShown, installed_packs
from ranger_app.gui.page import Page
from ranger_app.gui.widgets.beside import Beside
from ranger_app.gui.widgets.buttons import button
from ranger_app.gui.widgets.layout import Card, Form, boxed, column, page_column, row
from ranger_app.gui.widgets.text import fault, muted, plain, say, small
from ranger_app.i18n import _, area_km2, available_languages, language_name, ngettext
from ranger_app.jobs import Work

LOCK_AFTER_MIN = (1, 5, 10, 15, 30, 60)
TEXT_SIZES = (0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)
COUNTRY_LETTERS = 3
SITE_FORM = "site"


class SettingsPage(Page):
    """Choices about the window take effect at once; the site's details when they are saved."""

    page_id = "settings"
    watches = frozenset({"site"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.language, self.appearance, self.text_size = QComboBox(), QComboBox(), QComboBox()
        self.lock_after = QComboBox()
        self.reviewer = QLineEdit(context.settings.reviewer)
        self.reviewer.editingFinished.connect(self._keep_reviewer)
        self.name, self.local_name, self.country = QLineEdit(), QLineEdit(), QLineEdit()
        self.zone = zone_field("UTC")
        self.boundary = plain()
        self.fault = fault()
        self.save = button(_("Save"), kind="primary", on=self._save)
        self.find_boundary = button(_("Choose a boundary file…"), icon="map", on=self._choose_boundary)
        self._packs = column(muted(_("Looking…")), gap=3)
        self._site: Site | None = None
        self._fill_choices()
        self._lay_out()
        for field in (self.name, self.local_name, self.country):
            field.textChanged.connect(self._compare)
        self.zone.currentTextChanged.connect(self._compare)

    def reload(self) -> None:
        ranger = self.context.ranger
        self.fetch(lambda work: ranger.site(), self._show_site, key="site")
        self.fetch(lambda work: installed_packs(ranger), self._show_packs, key="packs")

    # ---- how it looks

    def _lay_out(self) -> None:
        window = Form()
        window.field(
            _("Language"), self.language, hint=_("Another language is spoken when Ranger is started next.")
        )
        window.field(_("Your name"), self.reviewer, hint=_("It stands beside what you say of photos."))
        window.field(_("Lock"), self.lock_after, hint=_("Protected workspaces only; Ctrl+L locks at once."))
        window.field(_("Appearance"), self.appearance)
        window.field(_("Text size"), self.text_size, hint=_("Ctrl+= and Ctrl+- change it anywhere."))
        site = Form()
        site.field(_("Name"), self.name)
        site.field(_("Local name"), self.local_name, hint=_("In the language and script of the place."))
        site.field(_("Country"), self.country, hint=_("Three letters, such as KEN (ISO 3166)."))
        site.field(_("Time zone"), self.zone)
        self.country.setMaxLength(COUNTRY_LETTERS)
        about_site = Card(_("The site"), site, self.fault, row(self.save, None))
        boundary = Card(_("Boundary"), self.boundary, row(self.find_boundary, None))
        packs = Card(
            _("Packs"),
            boxed(self._packs),
            hint=_("Forms, models and maps are packs: plain files that can be added without a new Ranger."),
        )
        page_column(
            self,
            Beside(
                [Card(_("This window"), window), packs],
                [about_site, boundary, _about()],
            ),
            None,
        )

    def _fill_choices(self) -> None:
        settings = self.context.settings
        languages = [("", _("As the computer has it"))]
        languages += [(code, language_name(code)) for code in available_languages()]
        appearances = [
            (Appearance.SYSTEM, _("As the computer has it")),
            (Appearance.LIGHT, _("Light")),
            (Appearance.DARK, _("Dark")),
        ]
        sizes = [
            (scale, _("{share} %").format(share=round(scale * 100)))
            for scale in sorted({*TEXT_SIZES, settings.text_scale})
        ]
        self._offer("language", self.language, languages, settings.language)
        self._offer("appearance", self.appearance, appearances, settings.appearance)
        quiet = [
            (
                minutes,
                ngettext("after {n} quiet minute", "after {n} quiet minutes", minutes).format(n=minutes),
            )
            for minutes in sorted({*LOCK_AFTER_MIN, settings.lock_after_min} - {0})
        ]
        never = (0, _("never by itself"))
        self._offer("lock_after_min", self.lock_after, [*quiet, never], settings.lock_after_min)
        self._offer("text_scale", self.text_size, sizes, settings.text_scale)

    def _offer(self, name: str, field: QComboBox, choices: Sequence[tuple[Any, str]], now: object) -> None:
        """Offer the choices for one setting. The values stay here: Qt would make text of them."""
        values = [value for value, _words in choices]
        field.addItems([words for _value, words in choices])
        field.setCurrentIndex(values.index(now) if now in values else 0)
        field.activated.connect(lambda index: self._choose(name, values[index]))

    def _choose(self, name: str, value: object) -> None:
        self.context.change_settings(**{name: value})
        if name == "language":
            self.context.messages.say(_("Ranger speaks it when it is started next."))

    def _keep_reviewer(self) -> None:
        name = self.reviewer.text().strip()
        if name != self.context.settings.reviewer:
            self.context.change_settings(reviewer=name)

    # ---- the site

    def _show_site(self, site: Site | None) -> None:
        is_first, is_being_edited = self._site is None, self._site is not None and bool(self._changes())
        self._site = site
        for field in (self.name, self.local_name, self.country, self.zone, self.find_boundary):
            field.setEnabled(site is not None)
        if site is None:
            say(self.boundary, _("This workspace belongs to no site yet. Read the first bundle of the site."))
            self.save.setEnabled(False)
            return
        if not is_being_edited:
            self.name.setText(site.name)
            self.local_name.setText(site.local_name)
            self.country.setText(site.country)
            self.zone.setCurrentText(site.time_zone)
        if is_first and (typed := self.draft(SITE_FORM)):
            self._type_again(typed)
        self.boundary.setText(_boundary_words(site))
        self._compare()

    def half_written(self) -> Mapping[str, Typed]:
        return {SITE_FORM: self._typed()} if self._site is not None and self._changes() else {}

    def _type_again(self, typed: Typed) -> None:
        self.name.setText(str(typed.get("name", "")))
        self.local_name.setText(str(typed.get("local_name", "")))
        self.country.setText(str(typed.get("country", "")))
        self.zone.setCurrentText(str(typed.get("time_zone", "")))
        say(self.fault, back_words(), "good")

    def _typed(self) -> dict[str, Any]:
        return {
            "name": self.name.text().strip(),
            "local_name": self.local_name.text().strip(),
            "country": self.country.text().strip().upper(),
            "time_zone": self.zone.currentText(),
        }

    def _changes(self) -> dict[str, Any]:
        typed = self._typed()
        return {name: value for name, value in typed.items() if value != getattr(self._site, name, value)}

    def _compare(self) -> None:
        self.save.setEnabled(bool(self._changes()))

    def _save(self) -> None:
        site, changes = self._site, self._changes()
        if site is None or not changes:
            return
        wrong = _wrong(self._typed())
        say(self.fault, wrong, "danger")
        if wrong:
            return
        before = {name: getattr(site, name) for name in changes}
        self._change(changes, lambda: self._change(before, None))

    def _change(self, fields: dict[str, Any], undo: Any) -> None:
        ranger = self.context.ranger

        def job(work: Work) -> None:
            ranger.change_site(**fields)

        self.do(
            job,
            _("Saving the site's details"),
            lambda _done: self.context.messages.say(_("The site's details are saved."), undo),
            quiet=True,
        )

    def _choose_boundary(self) -> None:
        found = asking.for_file(self, _("The boundary of the site"), endings=BOUNDARY_ENDINGS)
        if found is None:
            return
        ranger = self.context.ranger

        def done(doubts: list[dict[str, str]]) -> None:
            words = [_("The boundary was read from {file}.").format(file=found.name)]
            self.context.messages.say(" ".join([*words, *(doubt["text"] for doubt in doubts)]))

        self.do(lambda work: ranger.set_boundary(found), _("Reading the boundary"), done)

    # ---- packs

    def _show_packs(self, packs: list[PackShown]) -> None:
        while item := self._packs.takeAt(0):
            if (old := item.widget()) is not None:
                old.deleteLater()
        for pack in packs:
            self._packs.addWidget(_pack_line(pack))


def _pack_line(pack: PackShown) -> QWidget:
    about = small(pack.about)
    if pack.is_fault:
        say(about, pack.about, "danger")
    return boxed(column(plain(pack.title), about, gap=0.5))


def _about() -> Card:
    independent = _(
        "Ranger is independent software. Names of standards belong to their owners; check what it says "
        "about a standard against the standard itself."
    )
    licences = _(
        "Ranger is under the Apache License 2.0. It stands on Qt and PySide6 (LGPL 3), SQLCipher (BSD), "
        "Typst (Apache 2.0), ONNX Runtime (MIT), NumPy, Shapely and PROJ (BSD and MIT), and map data of "
        "Natural Earth (public domain)."
    )
    places = _("Your settings: {config}\nYour packs and reports: {data}")
    where = small(places.format(config=config.config_dir(), data=config.data_dir()))
    card = Card(_("About Ranger {version}").format(version=__version__), plain(independent), plain(licences))
    card.add(where)
    card.setMaximumWidth(ems(200))
    return card


def _boundary_words(site: Site) -> str:
    if site.boundary is None:
        return _("There is none yet. Maps and coverage need one: GeoJSON, GeoPackage or KML.")
    area = area_km2((site.area_km2 or 0) * 1e6)
    if site.boundary_source:
        return _("{area}, from {file}.").format(area=area, file=site.boundary_source)
    return area


def _wrong(typed: dict[str, Any]) -> str:
    if not typed["name"]:
        return _("A site needs a name.")
    if typed["country"] and (len(typed["country"]) != COUNTRY_LETTERS or not typed["country"].isalpha()):
        return _("A country is written with three letters, such as KEN.")
    if typed["time_zone"] not in zones():
        return _("Choose a time zone from the list.")
    return ""
