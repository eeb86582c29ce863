"""Where things are, and what the user has set."""

from __future__ import annotations

import dataclasses
import json
import math
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app import config
from ranger_app.config import Appearance, Settings, read_settings, settings_path, write_settings
from ranger_app.domain.errors import DiskTrouble

WORDS = st.text(alphabet=string.ascii_letters + "é/ -", max_size=12)
PATHS = st.builds(lambda name: Path("/parks") / f"{name}.ranger", st.text("abcdé ", min_size=1, max_size=8))
SETTINGS = st.builds(
    Settings,
    language=WORDS,
    appearance=st.sampled_from(Appearance),
    text_scale=st.floats(config.TEXT_SCALE_FROM, config.TEXT_SCALE_TO),
    reviewer=WORDS,
    last_workspace=st.none() | PATHS,
    recent_workspaces=st.lists(PATHS, max_size=config.RECENT_WORKSPACES).map(tuple),
    unknown=st.dictionaries(st.sampled_from(["colour", "hub"]), WORDS | st.integers() | st.none()),
)


@pytest.fixture
def put() -> Any:
    """Writes a settings file as some other program may have left it."""

    def write(text: str | bytes) -> None:
        settings_path().write_bytes(text.encode() if isinstance(text, str) else text)

    return write


def test_without_a_file_the_settings_are_the_usual_ones() -> None:
    assert read_settings() == (Settings(), ())


@given(settings=SETTINGS)
def test_what_is_written_is_read_again(settings: Settings) -> None:
    write_settings(settings)
    assert read_settings() == (settings, ())


def test_settings_of_a_newer_ranger_are_kept(put: Any) -> None:
    put('{"language": "fr", "voice": {"pitch": 2}}')
    write_settings(dataclasses.replace(read_settings().settings, text_scale=2.0))
    kept = json.loads(settings_path().read_text(encoding="utf-8"))
    assert kept["voice"] == {"pitch": 2}
    assert kept["language"] == "fr"
    assert kept["text_scale"] == 2.0


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", b"\xff\xfe\x00", "[" * 100_000, " " * 2_000_000])
def test_a_damaged_file_gives_the_usual_settings_and_a_note_and_is_kept(
    put: Any, damage: str | bytes
) -> None:
    put(damage)
    settings, notes = read_settings()
    assert settings == Settings()
    assert len(notes) == 1
    assert "settings.damaged" in notes[0]
    assert settings_path().with_suffix(".damaged").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("language", 7),
        ("appearance", "purple"),
        ("text_scale", "big"),
        ("text_scale", True),
        ("text_scale", 900),
        ("text_scale", math.nan),
        ("last_workspace", ["a"]),
        ("recent_workspaces", "a"),
        ("recent_workspaces", [1]),
    ],
)
def test_one_bad_setting_costs_only_itself(put: Any, name: str, value: object) -> None:
    good = {"language": "fr", "text_scale": 1.5}
    put(json.dumps(good | {name: value}))
    settings, notes = read_settings()
    assert len(notes) == 1
    assert name in notes[0]
    assert getattr(settings, name) == getattr(Settings(), name)
    for other in good.keys() - {name}:
        assert getattr(settings, other) == good[other]


def test_a_folder_where_the_file_should_be_gives_a_note() -> None:
    settings_path().mkdir()
    settings, notes = read_settings()
    assert settings == Settings()
    assert len(notes) == 1


def test_settings_that_cannot_be_saved_say_so_and_leave_the_old_ones(own_config: Path) -> None:
    write_settings(Settings(language="fr"))
    settings_path().unlink()
    settings_path().mkdir()
    (settings_path() / "in the way").touch()
    with pytest.raises(DiskTrouble) as told:
        write_settings(Settings(language="en"))
    assert str(own_config) in told.value.text
    assert [path.name for path in own_config.iterdir()] == ["settings.json"]


def test_every_setting_can_be_read_back() -> None:
    names = {one.name for one in dataclasses.fields(Settings)} - {"unknown"}
    assert set(config._READERS) == names


def test_the_last_workspace_leads_the_recent_ones(tmp_path: Path) -> None:
    settings = Settings()
    for number in range(config.RECENT_WORKSPACES + 2):
        settings = settings.with_workspace(tmp_path / f"{number}.ranger")
    settings = settings.with_workspace(tmp_path / "5.ranger")
    assert settings.last_workspace == tmp_path / "5.ranger"
    assert settings.recent_workspaces[0] == tmp_path / "5.ranger"
    assert len(settings.recent_workspaces) == config.RECENT_WORKSPACES
    assert len(set(settings.recent_workspaces)) == config.RECENT_WORKSPACES


def test_a_moved_config_folder_takes_data_and_cache_with_it(own_config: Path) -> None:
    assert config.config_dir() == own_config
    assert config.data_dir().is_relative_to(own_config)
    assert config.cache_dir().is_relative_to(own_config)


def test_without_being_moved_the_folders_are_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RANGER_CONFIG_DIR")
    folders = {config.config_dir(), config.data_dir(), config.cache_dir()}
    assert len(folders) >= 2  # macOS keeps settings and data in one
    assert all("ranger" in folder.parts for folder in folders)


def test_resources_and_models_lie_beside_the_package_in_a_checkout() -> None:
    top = Path(config.__file__).parent.parent
    assert config.resources_dir() == top / "resources"
    assert config.models_dir() == top / "models"


def test_resources_lie_inside_the_package_once_it_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ranger_app

    inside = tmp_path / "ranger_app" / "resources"
    inside.mkdir(parents=True)
    monkeypatch.setattr(ranger_app, "__file__", str(tmp_path / "ranger_app" / "__init__.py"))
    assert config.resources_dir() == inside


def test_labels_bear_the_name_that_was_set_or_else_that_of_the_account(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOGNAME", "station3")
    assert config.reviewer_name(Settings()) == "station3"
    assert config.reviewer_name(Settings(reviewer=" Demo Ranger ")) == "Demo Ranger"
