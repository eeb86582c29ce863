"""A ranger cannot change a Green List rating on any path; each path is walked here with real parts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ranger_app.bootstrap import Ranger
from ranger_app.domain.assessments import Answer
from ranger_app.domain.changes import Op
from ranger_app.domain.errors import Refused
from ranger_app.domain.fields import INSERT
from ranger_app.domain.kinds import BY_NAME
from ranger_app.storage import Workspace
from ranger_app.storage.codecs import CODECS
from ranger_app.storage.exchange.exchanging import take
from ranger_app.sync.bundles.reading import read_bundles
from ranger_app.sync.bundles.writing import write_bundle
from tests.builders import a_patrol, an_answer, quiet
from tests.hub.hubs import Hub, hub_here, lay_out, sync
from tests.sync.park import SITE, Park, a_park, add, aside_of, by_hand, dot_of, numbers, rating

RATING = BY_NAME["answer"].by_name["rating"].number
ANSWER = an_answer(SITE, rating="partly")


@pytest.fixture
def park() -> Iterator[Park]:
    """A ranger's laptop, and a shared one of a manager at which a ranger is signed in."""
    with a_park() as made:
        made.enrol("post", "ranger")
        made.enrol("shared", "manager")
        office = made.people("office")
        office.enter(office.add("Boss demo", roles=["administrator"]))
        office.add("Asha demo", roles=["ranger"])
        add(made["office"], ANSWER)
        for name in ("post", "shared"):
            made.give("office", name)
            made.people(name).enter(made.people(name).find("Asha demo"))
        yield made


LAPTOPS = pytest.mark.parametrize("name", ["post", "shared"])


def forged(park: Park) -> list[Op]:
    """Every sort of op that would change the rating."""
    made = dot_of(park["office"], ANSWER.id)
    content = CODECS[Answer.KIND].wire(an_answer(SITE, rating="met"))
    return [
        Op(Answer.KIND, ANSWER.id, RATING, "met", (made,)),
        Op(Answer.KIND, ANSWER.id, INSERT, content),
    ]


def write_by_hand(park: Park, name: str) -> None:
    """The laptop's owner puts such a segment among its own, naming the ranger who is signed in."""
    asha = park.people(name).find("Asha demo").id
    before = by_hand(park[name], *forged(park), author=asha)
    take(park[name], [before])


def unchanged(reader: Workspace) -> bool:
    return rating(reader, ANSWER) == "partly" and {line[2] for line in aside_of(reader)} == {"answer"}


@LAPTOPS
def test_by_the_services_of_window_and_command_line(park: Park, name: str) -> None:
    ranger = Ranger(park[name])
    with pytest.raises(Refused, match="ranger"):
        ranger.assessments.start()
    for change in ("rating", "narrative"):
        with pytest.raises(Refused, match="ranger"), park[name].unit("record set") as unit:
            unit.change(ANSWER, **{change: "met"})
    with pytest.raises(Refused, match="ranger"), park[name].unit("settle") as unit:
        unit.settle(ANSWER, "rating", "met")
    assert rating(park[name], ANSWER) == "partly"


@LAPTOPS
def test_by_a_bundle_with_a_hand_made_segment(park: Park, name: str, tmp_path: Path) -> None:
    write_by_hand(park, name)
    add(park[name], a_patrol(SITE, "P-1"))
    write_bundle(park[name], tmp_path / "stick", quiet())
    done = read_bundles(park["office"], tmp_path / "stick", quiet())
    assert done.segments_new >= 2
    assert unchanged(park["office"])
    assert numbers(park["office"]) == {"P-1"}, "honest work beside it counts"
    assert unchanged(park[name]), "on the forger's own laptop, too"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with hub_here(lay_out(tmp_path / "hub")) as made:
        yield made


@LAPTOPS
def test_by_the_hub_with_a_hand_made_segment(park: Park, name: str, hub: Hub) -> None:
    for one in ("office", name):
        hub.let_in(park[one].keys, SITE)
    sync(park["office"], hub.url)
    write_by_hand(park, name)
    sync(park[name], hub.url)
    sync(park["office"], hub.url)
    assert unchanged(park["office"])
