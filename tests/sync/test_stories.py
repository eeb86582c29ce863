"""Laptops and sticks, one story at a time; the model looks on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.sync import (
    stories,
    stories_of_erasures,
    stories_of_policies,
    stories_of_quotas,
    stories_of_secrets,
)

STORIES = (
    *stories.STORIES,
    *stories_of_policies.STORIES,
    *stories_of_secrets.STORIES,
    *stories_of_quotas.STORIES,
    *stories_of_erasures.STORIES,
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_everybody_shows_what_the_changes_say(story: Callable[[], None]) -> None:
    story()
