"""All that was ever written about one park, delivered in any order to a laptop that is new there."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from ranger_app.security.entries import SignedEntry
from ranger_app.storage import Workspace
from ranger_app.storage.changes.receiving import SignedSegment
from ranger_app.storage.exchange.exchanging import directory_entries, segments_above, take
from tests.sync.park import aside_of


@dataclass(frozen=True)
class Story:
    """What was written, and what a laptop that knows all of it shows."""

    segments: list[SignedSegment]
    entries: list[SignedEntry]
    digest: str
    aside: list[tuple[object, ...]]


def story_of(workspace: Workspace) -> Story:
    """All that this laptop knows."""
    return Story(
        segments=list(segments_above(workspace, {})),
        entries=directory_entries(workspace),
        digest=workspace.digest(afresh=True),
        aside=aside_of(workspace),
    )


def deliver(data: st.DataObject, story: Story, reader: Workspace) -> None:
    """In any order and any batches, some of it twice, the entries of the directory as chance has it."""
    order = data.draw(st.permutations(range(len(story.segments))))
    cuts = data.draw(st.lists(st.integers(1, len(order)), max_size=4))
    start = 0
    for end in sorted({*cuts, len(order)}):
        known = data.draw(st.integers(0, len(story.entries)))
        some = [story.segments[i] for i in order[start:end]]
        take(reader, some, entries=story.entries[:known])
        if data.draw(st.booleans()):
            take(reader, some[::-1])
        start = end
    take(reader, [], entries=story.entries)
