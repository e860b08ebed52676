"""What follows from the code alone is made once, kept with the clone, and made anew when the code changes."""

from __future__ import annotations

import json
import os
import shutil
import threading
from pathlib import Path

import pytest

from dagster_project import dbt_project
from dagster_project.dbt_project import (
    DbtProblem,
    fingerprint,
    kept_for_this_code,
    load_ahead,
    prepare_manifest,
    run_dbt,
)
from dagster_project.home import DBT_PROJECT, PROJECT_ROOT, Home


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone of its own, as far as dbt reads it, with an installed environment in which nothing is kept yet."""
    root = tmp_path / "clone"
    shutil.copytree(DBT_PROJECT, root / "dbt", ignore=shutil.ignore_patterns("target", "logs"))
    shutil.copytree(PROJECT_ROOT / "seeds" / "reference", root / "seeds" / "reference")
    shutil.copyfile(PROJECT_ROOT / "uv.lock", root / "uv.lock")
    (root / ".venv").mkdir()
    monkeypatch.setattr(dbt_project, "PROJECT_ROOT", root)
    monkeypatch.setattr(dbt_project, "DBT_PROJECT", root / "dbt")
    monkeypatch.setattr(dbt_project, "REFERENCE_LISTS", root / "seeds" / "reference")
    monkeypatch.setattr(dbt_project, "ENVIRONMENT_FOLDER", root / ".venv")
    return root


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    for name in ("AHP_HOME", "AHP_STORE", "AHP_WAREHOUSE"):
        # What a home tells the processes it starts must not reach the next test.
        monkeypatch.setenv(name, "")
    return Home(tmp_path / "home")


def write_once(folder: Path) -> None:
    (folder / "made").write_text("once", encoding="utf-8")


def never(folder: Path) -> None:
    raise AssertionError("this was made before")


@pytest.mark.parametrize(
    "changed",
    [
        "dbt/models/quality/findings.sql",
        "dbt/models/quality/findings.yml",
        "dbt/macros/cells.sql",
        "dbt/profiles.yml",
        "dbt/models/a_new_model.sql",
        "seeds/reference/policies.csv",
        "uv.lock",
    ],
)
def test_a_change_of_what_dbt_reads_changes_the_fingerprint(clone: Path, changed: str) -> None:
    before = fingerprint()
    assert fingerprint() == before
    with (clone / changed).open("a", encoding="utf-8") as file:
        file.write(" ")
    assert fingerprint() != before


def test_another_version_of_dbt_changes_the_fingerprint(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint()
    monkeypatch.setattr(dbt_project, "version", lambda package: "0.0.1")
    assert fingerprint() != before


@pytest.mark.parametrize("written", ["dbt/target/compiled/findings.sql", "dbt/logs/dbt.log", "dbt/.user.yml"])
def test_what_programs_leave_in_the_project_does_not_change_the_fingerprint(clone: Path, written: str) -> None:
    before = fingerprint()
    (clone / written).parent.mkdir(parents=True, exist_ok=True)
    (clone / written).write_text("left", encoding="utf-8")
    assert fingerprint() == before


def test_what_is_kept_serves_every_home_until_the_code_changes(clone: Path, home: Home, tmp_path: Path) -> None:
    kept = kept_for_this_code(home, "thing", write_once)
    assert kept.is_relative_to(clone / ".venv")
    assert [path.name for path in kept.iterdir()] == ["made"]
    assert kept_for_this_code(Home(tmp_path / "another home"), "thing", never) == kept
    (clone / "uv.lock").write_text("changed", encoding="utf-8")
    assert kept_for_this_code(home, "thing", write_once) != kept


def test_a_clone_that_was_moved_keeps_its_own(clone: Path, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = kept_for_this_code(home, "thing", write_once)
    moved = clone.with_name("moved")
    clone.rename(moved)
    monkeypatch.setattr(dbt_project, "PROJECT_ROOT", moved)
    monkeypatch.setattr(dbt_project, "DBT_PROJECT", moved / "dbt")
    monkeypatch.setattr(dbt_project, "REFERENCE_LISTS", moved / "seeds" / "reference")
    monkeypatch.setattr(dbt_project, "ENVIRONMENT_FOLDER", moved / ".venv")
    assert kept_for_this_code(home, "thing", write_once).parent.name != kept.parent.name


def test_a_clone_that_cannot_be_written_to_keeps_it_in_the_home(clone: Path, home: Home) -> None:
    (clone / ".venv" / ".ahp-cache").write_text("no folder", encoding="utf-8")
    kept = kept_for_this_code(home, "thing", write_once)
    assert kept.is_relative_to(home.dbt_target)
    assert kept_for_this_code(home, "thing", never) == kept


def test_a_clone_without_an_environment_of_its_own_keeps_it_in_the_home(clone: Path, home: Home) -> None:
    (clone / ".venv").rmdir()
    assert kept_for_this_code(home, "thing", write_once).is_relative_to(home.dbt_target)
    assert not (clone / ".venv").exists()


def test_where_nothing_can_be_written_the_system_says_so(clone: Path, home: Home) -> None:
    (clone / ".venv").rmdir()
    home.root.write_text("no folder", encoding="utf-8")
    with pytest.raises(OSError):  # noqa: PT011
        kept_for_this_code(home, "thing", write_once)


def test_two_processes_at_once_keep_one_whole(clone: Path, home: Home) -> None:
    both_are_making = threading.Barrier(2, timeout=30)

    def make(folder: Path) -> None:
        both_are_making.wait()
        write_once(folder)
        both_are_making.wait()

    kept: list[Path] = []
    makers = [threading.Thread(target=lambda: kept.append(kept_for_this_code(home, "thing", make))) for _ in range(2)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert kept[0] == kept[1]
    assert (kept[0] / "made").read_text(encoding="utf-8") == "once"
    assert list(kept[0].parent.iterdir()) == [kept[0]], "something half made was left"


def test_what_could_not_be_made_is_not_kept(clone: Path, home: Home) -> None:
    def fail(folder: Path) -> None:
        write_once(folder)
        raise DbtProblem("no")

    with pytest.raises(DbtProblem):
        kept_for_this_code(home, "thing", fail)
    assert [path for path in (clone / ".venv").rglob("*") if path.name == "made"] == []
    assert (kept_for_this_code(home, "thing", write_once) / "made").exists()


def test_what_was_made_of_code_that_changed_meanwhile_is_made_anew(clone: Path, home: Home) -> None:
    def make(folder: Path) -> None:
        seen = (clone / "uv.lock").read_text(encoding="utf-8")
        (clone / "uv.lock").write_text("edited", encoding="utf-8")
        (folder / "made").write_text("of the edited" if seen == "edited" else "of the old", encoding="utf-8")

    kept = kept_for_this_code(home, "thing", make)
    assert (kept / "made").read_text(encoding="utf-8") == "of the edited"
    assert len(list((clone / ".venv").rglob("made"))) == 1


def test_only_the_newest_versions_are_kept(clone: Path, home: Home) -> None:
    made = []
    for number in range(dbt_project.KEPT_VERSIONS + 2):
        (clone / "uv.lock").write_text(str(number), encoding="utf-8")
        made.append(kept_for_this_code(home, "thing", write_once))
        os.utime(made[-1].parent, (number, number))
    assert [path.exists() for path in made] == [False] * 2 + [True] * dbt_project.KEPT_VERSIONS


def test_one_parse_serves_every_home(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = prepare_manifest(home)
    assert os.environ["AHP_HOME"] == str(home.root)
    monkeypatch.setattr(dbt_project, "_parse", never)
    second = prepare_manifest(Home(tmp_path / "another home"))
    assert first != second
    assert first.read_bytes() == second.read_bytes()
    assert json.loads(first.read_text(encoding="utf-8"))["nodes"]
    assert str(home.root) not in first.read_text(encoding="utf-8")


def test_a_home_last_used_by_another_version_is_given_the_manifest_of_this_one(home: Home) -> None:
    manifest = prepare_manifest(home)
    wanted = manifest.read_bytes()
    manifest.write_text("{}", encoding="utf-8")
    assert prepare_manifest(home).read_bytes() == wanted
    assert [path.name for path in home.dbt_target.iterdir()] == ["manifest.json"]


def test_a_project_that_dbt_cannot_read_is_said_to_be_so(clone: Path, home: Home) -> None:
    (clone / "dbt" / "models" / "quality" / "findings.sql").write_text("select {{ ref('nowhere') }}", encoding="utf-8")
    with pytest.raises(DbtProblem, match=r"(?s)dbt could not read the project: .*nowhere"):
        prepare_manifest(home)
    assert not home.dbt_manifest.exists()


def test_what_was_loaded_ahead_serves_one_run_and_the_next_loads_anew(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare_manifest(home)
    loaded = iter(["loaded ahead", "loaded for the second run"])
    monkeypatch.setattr(dbt_project, "_load", lambda parsed: next(loaded))
    monkeypatch.setattr(dbt_project, "_invoke", lambda target, manifest, *others: manifest)
    load_ahead(home)
    assert run_dbt(home, "build") == "loaded ahead"
    assert run_dbt(home, "build") == "loaded for the second run"


def test_nothing_is_loaded_ahead_of_a_project_that_is_not_parsed_yet(clone: Path, home: Home) -> None:
    load_ahead(home)
    assert not (clone / ".venv" / ".ahp-cache").exists()


def test_no_model_has_a_hook_since_none_would_run(home: Home) -> None:
    """Tables are made by the materializations of dbt/macros/materializations, which leave hooks out."""
    nodes = json.loads(prepare_manifest(home).read_text(encoding="utf-8"))["nodes"]
    configs = {unique_id: node["config"] for unique_id, node in nodes.items() if node["resource_type"] == "model"}
    assert len(configs) > 50
    assert [name for name, config in configs.items() if config["pre-hook"] or config["post-hook"]] == []
