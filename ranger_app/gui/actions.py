"""Everything that a person can ask for, listed once: menus, shortcuts, palette and cheat sheet follow it."""

from __future__ import annotations

from dataclasses import dataclass

from ranger_app.i18n import N_


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to ask for. `words` is English, shown through `_`; `keys` as Qt writes them.

    With a `page` it belongs to that page: its keys work while that page is in front, the palette goes
    there first, and `Page.commands()` says what is called. Without, it works everywhere.
    """

    id: str
    words: str
    icon: str = ""
    keys: str = ""
    page: str = ""
    always: bool = False
    """Works without an open workspace too."""
    needs: str = ""
    """What it does to which kind of record, as "answer change": asked for by who may not, it says why not."""


ACTIONS = (
    # everywhere
    Action("go.today", N_("Go to Today"), "today", "Ctrl+1"),
    Action("go.patrols", N_("Go to Patrols"), "patrols", "Ctrl+2"),
    Action("go.map", N_("Go to Map"), "map", "Ctrl+3"),
    Action("go.photos", N_("Go to Photos"), "photos", "Ctrl+4"),
    Action("go.green_list", N_("Go to Green List"), "green_list", "Ctrl+5"),
    Action("go.exchange", N_("Go to Exchange"), "exchange", "Ctrl+6"),
    Action("go.differences", N_("Go to Differences"), "differences", "Ctrl+7"),
    Action("go.people", N_("Go to People"), "person", "Ctrl+8"),
    Action("go.settings", N_("Go to Settings"), "settings", "Ctrl+9"),
    Action("undo", N_("Take back the last thing done"), "undo", "Ctrl+Z"),
    Action("palette", N_("Find a command"), "search", "Ctrl+K", always=True),
    Action("guide", N_("Open the guide"), "help", "F1", always=True),
    Action("cheat_sheet", N_("Show all keys"), "info", "Shift+F1", always=True),
    Action("reload", N_("Read this page again"), "refresh", "F5"),
    Action("larger", N_("Larger text"), "text_larger", "Ctrl+=", always=True),
    Action("smaller", N_("Smaller text"), "text_smaller", "Ctrl+-", always=True),
    Action("workspace.open", N_("Open another workspace…"), "folder", "Ctrl+O", always=True),
    Action("lock", N_("Lock"), "lock", "Ctrl+L"),
    Action("switch", N_("Sign out, or another person"), "person", "Ctrl+Shift+L"),
    Action("workspace.close", N_("Close this workspace"), "close", "Ctrl+W"),
    Action("quit", N_("Leave Ranger"), "quit", "Ctrl+Q", always=True),
    # Patrols
    Action("patrols.take", N_("Take in files…"), "receive", "Ctrl+I", "patrols", needs="patrol add"),
    Action("patrols.give", N_("Give out patrols…"), "send", "Ctrl+Shift+E", "patrols"),
    Action("patrols.new", N_("New patrol…"), "plus", "Ctrl+N", "patrols", needs="patrol add"),
    Action("patrols.correct", N_("Correct the patrol…"), "edit", "Ctrl+E", "patrols", needs="patrol change"),
    Action("patrols.erase", N_("Erase a value for good…"), "", "", "patrols", needs="erasure add"),
    Action("patrols.day", N_("Add a day…"), "calendar", "Ctrl+D", "patrols", needs="leg_day add"),
    Action(
        "patrols.observe",
        N_("Add an observation…"),
        "eye",
        "Ctrl+Shift+N",
        "patrols",
        needs="observation add",
    ),
    Action("patrols.find", N_("Find patrols"), "search", "Ctrl+F", "patrols"),
    Action("patrols.map", N_("Show on the map"), "map", "Ctrl+M", "patrols"),
    Action(
        "patrols.finish", N_("Finish the patrol"), "check", "Ctrl+Shift+F", "patrols", needs="patrol change"
    ),
    # Photos
    Action("photos.add", N_("Add a card…"), "plus", "Ctrl+N", "photos", needs="photo add"),
    Action("photos.run", N_("Run the model"), "play", "Ctrl+R", "photos", needs="detection add"),
    Action("photos.area", N_("What occurs here…"), "animal", "Ctrl+Shift+A", "photos"),
    Action("photos.run_later", N_("Run the model by night, or on mains only…"), "", "Ctrl+Shift+R", "photos"),
    Action("photos.models", N_("Teach and choose the model"), "layers", "Ctrl+T", "photos"),
    Action("photos.telling", N_("Show the photos that would teach most"), "", "Ctrl+Shift+T", "photos"),
    Action("photos.next", N_("Next photo"), "right", "Right", "photos"),
    Action("photos.previous", N_("Previous photo"), "left", "Left", "photos"),
    Action("photos.next_sequence", N_("Next sequence"), "", "Shift+Right", "photos"),
    Action("photos.previous_sequence", N_("Previous sequence"), "", "Shift+Left", "photos"),
    Action("photos.animal", N_("Label: animal"), "animal", "A", "photos", needs="label add"),
    Action("photos.human", N_("Label: human"), "person", "H", "photos", needs="label add"),
    Action("photos.vehicle", N_("Label: vehicle"), "vehicle", "V", "photos", needs="label add"),
    Action("photos.blank", N_("Label: empty"), "blank", "E", "photos", needs="label add"),
    Action("photos.unknown", N_("Label: unknown"), "unknown", "U", "photos", needs="label add"),
    Action("photos.species", N_("Label: write the species"), "edit", "S", "photos", needs="label add"),
    Action(
        "photos.sequence_animal",
        N_("Label the whole sequence: animal"),
        "",
        "Shift+A",
        "photos",
        needs="label add",
    ),
    Action(
        "photos.sequence_human",
        N_("Label the whole sequence: human"),
        "",
        "Shift+H",
        "photos",
        needs="label add",
    ),
    Action(
        "photos.sequence_vehicle",
        N_("Label the whole sequence: vehicle"),
        "",
        "Shift+V",
        "photos",
        needs="label add",
    ),
    Action(
        "photos.sequence_blank",
        N_("Label the whole sequence: empty"),
        "",
        "Shift+E",
        "photos",
        needs="label add",
    ),
    Action(
        "photos.sequence_unknown",
        N_("Label the whole sequence: unknown"),
        "",
        "Shift+U",
        "photos",
        needs="label add",
    ),
    Action("photos.zoom_in", N_("Zoom in"), "plus", "+", "photos"),
    Action("photos.zoom_out", N_("Zoom out"), "minus", "-", "photos"),
    Action("photos.fit", N_("Show the whole photo"), "fit", "0", "photos"),
    Action("photos.boxes", N_("Show or hide the boxes"), "layers", "B", "photos"),
    # Green List
    Action(
        "green_list.start", N_("Start an assessment…"), "plus", "Ctrl+N", "green_list", needs="assessment add"
    ),
    Action("green_list.overview", N_("How it stands"), "chart", "Ctrl+Home", "green_list"),
    Action("green_list.next", N_("Next indicator"), "down", "Ctrl+Down", "green_list"),
    Action("green_list.previous", N_("Previous indicator"), "up", "Ctrl+Up", "green_list"),
    Action("green_list.met", N_("Rate: met"), "check", "1", "green_list", needs="answer change"),
    Action(
        "green_list.partly", N_("Rate: partly met"), "state_partly", "2", "green_list", needs="answer change"
    ),
    Action("green_list.not_met", N_("Rate: not met"), "close", "3", "green_list", needs="answer change"),
    Action(
        "green_list.not_applicable",
        N_("Rate: does not apply"),
        "minus",
        "4",
        "green_list",
        needs="answer change",
    ),
    Action(
        "green_list.open",
        N_("Rate: not yet assessed"),
        "state_open",
        "0",
        "green_list",
        needs="answer change",
    ),
    Action("green_list.file", N_("Cite a file…"), "file", "Ctrl+E", "green_list", needs="evidence add"),
    Action(
        "green_list.figure", N_("Freeze a figure…"), "chart", "Ctrl+G", "green_list", needs="evidence add"
    ),
    Action(
        "green_list.final",
        N_("Make it final…"),
        "check",
        "Ctrl+Shift+F",
        "green_list",
        needs="assessment change",
    ),
    Action("green_list.reopen", N_("Go on with it"), "edit", "", "green_list", needs="assessment change"),
    Action("green_list.packet", N_("Write the packet…"), "packet", "Ctrl+P", "green_list"),
    # Differences
    Action("differences.keep_1", N_("Keep the first value"), "check", "1", "differences"),
    Action("differences.keep_2", N_("Keep the second value"), "check", "2", "differences"),
    Action("differences.keep_3", N_("Keep the third value"), "check", "3", "differences"),
    Action("differences.write", N_("Write something new"), "edit", "N", "differences"),
    Action("differences.alike", N_("Settle several alike"), "layers", "Ctrl+Shift+A", "differences"),
    Action("differences.show", N_("Show the record"), "right", "Ctrl+M", "differences"),
    Action("differences.find", N_("Find differences"), "search", "Ctrl+F", "differences"),
    # Exchange
    Action("exchange.write", N_("Write a bundle…"), "send", "Ctrl+Shift+W", "exchange"),
    Action("exchange.read", N_("Read a bundle…"), "receive", "Ctrl+Shift+R", "exchange"),
    Action("exchange.sync", N_("Exchange with the hub"), "exchange", "Ctrl+Shift+H", "exchange"),
    Action("exchange.backup", N_("Make a backup"), "backup", "Ctrl+B", "exchange"),
    # People
    Action("people.answer", N_("Answer a laptop that asks to join…"), "device", "Ctrl+J", "people"),
    Action("people.add", N_("Add a person…"), "plus", "Ctrl+N", "people"),
    Action("people.passphrase", N_("Change the passphrase…"), "lock", "", "people"),
    Action("people.sheet", N_("Print a recovery sheet…"), "print", "", "people"),
)

BY_ID = {action.id: action for action in ACTIONS}
