"""The record of processing activities has what Article 30 asks for, from the records, and invents nothing."""

from __future__ import annotations

import json

from reports.world import HOSTILE, World, all_of, facts, rows, section


def test_each_collection_is_an_activity_with_its_purpose_basis_and_limits(world: World) -> None:
    record = world.record("processing")
    doors, cases, loose = (each["facts"] for each in all_of(record, "collection"))
    assert (doors["collection"], doors["purpose"], doors["jurisdiction"]) == ("doors", "entry", "bipa")
    assert doors["basis"] == f"consent {HOSTILE}"
    assert doors["erasure"].startswith("30 days after the face was enrolled; 3 years after")
    assert "a small picture of each face" in doors["categories_of_data"]
    assert "a small picture of each face" not in cases["categories_of_data"]
    assert (cases["review"], cases["consent_required"]) == ("two-person", False)
    assert (loose["purpose"], loose["basis"], loose["erasure"]) == (None, None, "no limit is set")


def test_what_is_held_is_counted(world: World) -> None:
    record = world.record("processing")
    assert facts(record, "overview") == {"collections": 3, "faces": 6, "users": 1}
    doors, cases, loose = (each["facts"] for each in all_of(record, "collection"))
    assert [each["faces"] for each in (doors, cases, loose)] == [3, 2, 1]
    assert [each["subjects"] for each in (doors, cases, loose)] == [3, 2, 1]
    assert {name: value for name, value in doors.items() if name.startswith("consents_")} == {
        "consents_valid": 2,
        "consents_withdrawn": 1,
        "consents_expired": 1,
        "consents_future": 0,
    }


def test_recipients_are_the_keys_that_reach_a_collection(world: World) -> None:
    doors, cases, loose = all_of(world.record("processing"), "collection")

    def names(collection: dict[str, object]) -> set[str]:
        table = collection["table"]
        assert isinstance(table, dict)
        return {row["name"] for row in table["rows"]}

    reviewers = {"second reviewer", "third reviewer"}
    assert names(doors) == {"a lost key", f"reception {HOSTILE}"} | reviewers
    assert names(cases) == {"detective"} | reviewers
    assert names(loose) == reviewers
    lost = next(row for row in doors["table"]["rows"] if row["name"] == "a lost key")
    assert lost["revoked_at"] is not None
    assert lost["operations"] == ["*"]
    assert lost["collections"] == ["doors"]


def test_no_secret_of_a_key_is_told(world: World) -> None:
    text = json.dumps(world.record("processing"))
    assert world.reception.key_id in text
    keys = world.office.store.keys()
    assert all(each.secret not in text for each in keys)


def test_what_only_the_controller_knows_is_marked_and_null(world: World) -> None:
    controller = section(world.record("processing"), "controller")
    assert set(controller["facts"].values()) == {None}
    assert controller["to_be_filled_in"] == sorted(controller["facts"])
    assert all(
        each["to_be_filled_in"] == ["groups_of_subjects"]
        for each in all_of(world.record("processing"), "collection")
    )


def test_security_measures_are_those_of_the_settings(world: World) -> None:
    security = facts(world.record("processing"), "security")
    assert security["templates_at_rest"].startswith("AES-256-GCM")
    assert "puncturable tree" in security["subject_keys"]
    assert security["in_transit"].startswith("not by the server")
    assert security["database"] == "SQLite"
    assert "no witness" in security["checkpoints"]


def test_facts_for_an_impact_assessment_say_how_many_false_matches_to_expect(world: World) -> None:
    record = world.record("processing")
    expected = {(row["collection"], row["threshold"]): row for row in rows(record, "false_matches")}
    assert expected["doors", 80]["false_match_rate"] == 0.001
    assert expected["doors", 80]["expected_false_matches"] == 0.003
    assert expected["cases", 99]["expected_false_matches"] == 0.00002
    assessment = facts(record, "assessment")
    assert (assessment["faces"], assessment["with_consent"], assessment["reviewed"]) == (6, 1, 1)
    assert assessment["moratoria_in_force"] == 0
    assert assessment["risks"] is None
