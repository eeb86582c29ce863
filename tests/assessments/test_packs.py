"""The Green List form is whole, and any form is checked before it is used."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranger_app import config, i18n
from ranger_app.assessments.pack_file import BadPack, find_form_packs, read_pack
from ranger_app.assessments.packs import Basis, FormPack, Stands
from ranger_app.domain.assessments import RATINGS
from ranger_app.domain.errors import NotFound

GREEN_LIST = config.resources_dir() / "forms" / "green-list-1.1"

METT_LIKE = {
    "pack.toml": """
format = 1
id = "mett:demo"
edition = "1"
language = "en"
[[rating]]
code = "3"
stands = "met"
[[rating]]
code = "2"
stands = "partly"
[[rating]]
code = "0"
stands = "not_met"
[[rating]]
code = "not_yet_assessed"
stands = "open"
""",
    "rows.toml": """
[[group]]
code = "P"
[[criterion]]
code = "planning"
group = "P"
indicators = [{ code = "q1" }, { code = "q2" }]
[[criterion]]
code = "outcomes"
group = "P"
indicators = [{ code = "q37", wants = "figures" }]
""",
    "words/en.toml": """
[pack]
title = "A demo form of three questions"
[rating.3]
title = "Fully"
[rating.2]
title = "Mostly"
[rating.0]
title = "Not at all"
[rating.not_yet_assessed]
title = "Not yet"
[group.P]
title = "All"
[criterion.planning]
title = "Planning"
[criterion.outcomes]
title = "Outcomes"
[indicator.q1]
title = "Legal status"
asks = "The site has a legal basis."
[indicator.q2]
title = "Rules"
asks = "The rules fit the aims."
[indicator.q37]
title = "Key species"
asks = "Key species are not declining."
""",
}


def write_pack(folder: Path, changed: dict[str, str] | None = None) -> Path:
    for name, content in (METT_LIKE | (changed or {})).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def green_list() -> FormPack:
    return read_pack(GREEN_LIST)


def test_the_green_list_has_4_components_17_criteria_and_50_indicators(green_list: FormPack) -> None:
    assert green_list.id == "gl:1.1"
    assert [group.code for group in green_list.groups] == ["1", "2", "3", "4"]
    assert len(list(green_list.criteria())) == 17
    by_component = Counter(one.code.split(".")[0] for one in green_list.indicators())
    assert by_component == {"1": 13, "2": 11, "3": 20, "4": 6}


def test_codes_are_unique_and_lie_under_their_criterion(green_list: FormPack) -> None:
    codes = [one.code for one in green_list.indicators()]
    assert len(set(codes)) == 50
    assert all(one.code.startswith(f"{one.criterion}.") for one in green_list.indicators())


def test_every_indicator_has_short_words_and_typical_evidence(green_list: FormPack) -> None:
    for one in green_list.indicators():
        asks = green_list.said("indicator", one.code, "asks", "en").text
        assert 20 <= len(asks) <= 160, one.code
        assert green_list.listed("indicator", one.code, "evidence", "en"), one.code
        assert green_list.of_indicator(one.code, "en"), one.code


def test_five_indicators_are_gates_and_the_pack_says_that_this_is_not_certain(green_list: FormPack) -> None:
    gates = [one.code for one in green_list.indicators() if one.gate]
    assert gates == ["1.1.1", "2.1.1", "2.1.2", "2.1.4", "3.1.1"]
    assert not green_list.rules.gate_certain


def test_only_rows_that_were_read_count_as_verified(green_list: FormPack) -> None:
    verified = {one.code for one in green_list.indicators() if one.verified}
    assert {"1.1.1", "2.1.1", "3.1.6"} <= verified
    assert not {"1.1.6", "1.2.1", "2.1.3", "3.7.2", "4.1.1"} & verified
    assert all(one.verified is (one.basis is Basis.READ) for one in green_list.indicators())


def test_the_notice_says_own_words_and_not_affiliated(green_list: FormPack) -> None:
    notice = green_list.said("pack", "", "notice", "en").text
    for words in ("own", "against the Standard", "not affiliated with IUCN"):
        assert words in notice


def test_ratings_are_the_neutral_codes(green_list: FormPack) -> None:
    assert tuple(one.code for one in green_list.ratings) == RATINGS
    assert [one.score for one in green_list.ratings] == ["2", "1", "0", "NA", ""]


def test_words_fall_back_to_english_where_french_is_not_there_yet(green_list: FormPack) -> None:
    assert green_list.said("criterion", "3.4", "title", "fr") == ("Les menaces sont gérées", "fr")
    assert green_list.said("indicator", "3.4.1", "title", "fr_CA") == ("Threats are acted on", "en")


def test_words_follow_the_language_of_the_user(green_list: FormPack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "language", lambda: "fr")
    assert green_list.of_rating("met") == "Satisfait"


def test_a_form_with_other_ratings_and_codes_is_read_by_the_same_engine(tmp_path: Path) -> None:
    form = read_pack(write_pack(tmp_path / "mett"))
    assert [one.code for one in form.indicators()] == ["q1", "q2", "q37"]
    assert form.stands("3") is Stands.MET
    assert form.stands("not a rating") is Stands.OPEN
    assert form.rules.narrative_words == (0, 0)


def test_every_fault_of_a_pack_is_named_at_once(tmp_path: Path) -> None:
    folder = write_pack(
        tmp_path / "bad",
        {
            "pack.toml": METT_LIKE["pack.toml"].replace('stands = "partly"', 'stands = "half"'),
            "rows.toml": METT_LIKE["rows.toml"]
            .replace('"q2"', '"q1"')
            .replace('group = "P"', 'group = "Z"', 1),
            "words/en.toml": METT_LIKE["words/en.toml"].replace('asks = "Key', 'asked = "Key'),
        },
    )
    with pytest.raises(BadPack) as bad:
        read_pack(folder)
    said = " ".join(bad.value.problems)
    for fault in ("“2” does not say what it stands for", "group “Z”", "no “asks” for indicator q37"):
        assert fault in said
    assert "bad" in bad.value.text


def test_an_indicator_that_is_there_twice_is_named(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "twice", {"rows.toml": METT_LIKE["rows.toml"].replace('"q2"', '"q1"')})
    with pytest.raises(BadPack, match="indicator q1 is there twice"):
        read_pack(folder)


@pytest.mark.parametrize("name", ["pack.toml", "rows.toml"])
@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe not utf-8", b"not = toml = at all", b"x = " + b"[" * 5_000, b"#" * 1_100_000, b"id = 3"],
    ids=["empty", "bytes", "no-toml", "deep", "huge", "wrong-type"],
)
def test_a_hostile_file_is_a_sentence_and_no_traceback(tmp_path: Path, name: str, content: bytes) -> None:
    folder = write_pack(tmp_path / "pack")
    (folder / name).write_bytes(content)
    with pytest.raises(BadPack) as bad:
        read_pack(folder)
    assert bad.value.problems


@given(st.binary(max_size=300))
def test_whatever_bytes_stand_in_the_rows_they_are_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = write_pack(tmp_path_factory.mktemp("pack"))
    (folder / "rows.toml").write_bytes(content)
    with pytest.raises(BadPack):
        read_pack(folder)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "pack")
    (folder / "rows.toml").unlink()
    with pytest.raises(BadPack, match=r"rows\.toml is missing"):
        read_pack(folder)


def test_a_bad_pack_does_not_keep_the_others_away(tmp_path: Path) -> None:
    write_pack(tmp_path / "a good one")
    write_pack(tmp_path / "broken", {"pack.toml": "x"})
    (tmp_path / "no pack at all").mkdir()
    packs = find_form_packs([tmp_path, tmp_path / "not there"])
    assert list(packs.found) == ["mett:demo"]
    assert [bad.text for bad in packs.refused if "broken" in bad.text]
    with pytest.raises(NotFound, match="nope") as missing:
        packs.need("nope")
    assert "mett:demo" in missing.value.what_to_do
    assert "broken" in missing.value.what_to_do


def test_a_programme_can_add_a_national_adaptation_by_copying_the_folder(own_config: Path) -> None:
    mine = own_config / "data" / "forms" / "gl-fr"
    shutil.copytree(GREEN_LIST, mine)
    told = (mine / "pack.toml").read_text(encoding="utf-8").replace('"gl:1.1"', '"gl:1.1+FR"')
    (mine / "pack.toml").write_text(told, encoding="utf-8")
    packs = find_form_packs()
    assert set(packs.found) == {"gl:1.1", "gl:1.1+FR"}
    assert packs.need("gl:1.1").digest != packs.need("gl:1.1+FR").digest
