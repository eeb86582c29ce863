"""What the demo park says of itself: some indicators answered, some not, one gap with its action."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoAnswer:
    """The answer to one indicator, with the page of the demo plan or the measure that it rests on."""

    code: str
    rating: str
    narrative: str
    page: str = ""
    measure: str = ""
    gap: str = ""
    gap_type: str = ""
    action: str = ""


ANSWERS = (
    DemoAnswer(
        "1.1.1",
        "met",
        "The Demo forest act of 2011 says who decides and how they are chosen. The chart hangs in the hall.",
        page="2",
    ),
    DemoAnswer(
        "1.1.2",
        "partly",
        "Villages are asked every spring. Two of five took part in making the plan.",
        page="2",
        gap="Three villages have no seat and no record of being asked.",
        gap_type="no_document",
        action="Hold a meeting in each of the three villages and keep the minutes",
    ),
    DemoAnswer(
        "1.3.1",
        "met",
        "What patrols and cameras find is looked at every quarter; patrol plans change with it.",
        page="3",
    ),
    DemoAnswer("2.1.1", "met", "The act sets the land aside for nature for good.", page="2"),
    DemoAnswer(
        "2.1.4",
        "met",
        "Large cats and their prey, the old oak forest, and the wells of two villages.",
        page="2",
    ),
    DemoAnswer(
        "2.3.1",
        "met",
        "Snares, felling and spring fires are ranked every year and mapped from patrols.",
        page="3",
        measure="patrols.observations",
    ),
    DemoAnswer(
        "3.1.1", "met", "The plan for 2026 to 2030 sets aims for each value, with zones and rules.", page="1"
    ),
    DemoAnswer(
        "3.1.4",
        "partly",
        "Eleven staff, trained every spring.",
        page="4",
        gap="No written safety rules for river crossings.",
        gap_type="no_document",
        action="Write the rules before the next rains",
    ),
    DemoAnswer(
        "3.1.6",
        "not_met",
        "The budget covers three quarters of the planned work.",
        page="4",
        gap="Fuel and batteries are not paid for after June.",
        gap_type="decision_needed",
        action="Put the shortfall before the ministry",
    ),
    DemoAnswer(
        "3.4.1",
        "met",
        "Snares are taken away where they are found, and the place is walked again within the month.",
        measure="patrols.distance",
    ),
    DemoAnswer(
        "3.5.2",
        "met",
        "Both teams walk all year; the hours below are field hours, rest not counted.",
        measure="patrols.hours",
    ),
    DemoAnswer(
        "3.7.1",
        "partly",
        "Camera traps hang at three stations all year.",
        page="3",
        measure="photos.count",
        gap="Nothing is counted yet for the oak forest.",
        gap_type="no_data",
    ),
)
