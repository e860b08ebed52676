"""What the dbt project says about its tables: a description beside every model, and one for every public column.

The YAML files are read as they stand, so that a slip is named by file before anything is built.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT_ROOT = Path(__file__).resolve().parents[2]
MODELS = PROJECT_ROOT / "dbt" / "models"
SEEDS = PROJECT_ROOT / "seeds" / "reference"
PUBLIC_LAYERS = ("marts", "quality")
# As short as this, two columns can rightly be described alike.
WORDS_OF_A_FILLER = 4

Table = dict[str, Any]


def read_tables(path: Path, kind: str) -> list[Table]:
    """The models or seeds one YAML file describes; none for a file of sources."""
    content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return list(content.get(kind) or [])


def public_models() -> Iterator[Table]:
    for layer in PUBLIC_LAYERS:
        for path in sorted((MODELS / layer).rglob("*.yml")):
            yield from read_tables(path, "models")


def seeds() -> Iterator[Table]:
    for path in sorted(SEEDS.glob("*.yml")):
        yield from read_tables(path, "seeds")


def models_without_their_one_yaml(folder: Path) -> list[str]:
    """Models that are not described exactly once, and in a file of their own name beside them."""
    described: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(folder.rglob("*.yml")):
        for table in read_tables(path, "models"):
            described[table["name"]].append(path)
    models = {path.stem: path for path in sorted(folder.rglob("*.sql"))}
    wrong = [
        f"{path.relative_to(folder).as_posix()} needs one description, in {name}.yml beside it"
        for name, path in models.items()
        if described.get(name) != [path.with_suffix(".yml")]
    ]
    return wrong + [
        f"{name} is described, but no SQL of that name is there" for name in described if name not in models
    ]


def table_problems(table: Table) -> list[str]:
    """What one description lacks: its grain, columns, or a meaning and type for each of them."""
    name = table["name"]
    lines = str(table.get("description") or "").strip().splitlines()
    problems = [] if lines and lines[0].startswith("One row per ") else [f"{name} does not begin with 'One row per'"]
    columns = table.get("columns") or []
    if not columns:
        problems.append(f"{name} describes no column")
    seed_types: Mapping[str, str] = (table.get("config") or {}).get("column_types") or {}
    seen: set[str] = set()
    for column in columns:
        where = f"{name}.{column['name']}"
        if not str(column.get("description") or "").strip():
            problems.append(f"{where} has no description")
        if not (column.get("data_type") or seed_types.get(column["name"])):
            problems.append(f"{where} has no data type")
        if column["name"] in seen:
            problems.append(f"{where} is listed twice")
        seen.add(column["name"])
    return problems


def fillers(table: Table) -> list[str]:
    """Sentences that stand word for word under columns of different names: they describe neither."""
    names: dict[str, list[str]] = defaultdict(list)
    for column in table.get("columns") or []:
        names[" ".join(str(column.get("description") or "").split()).casefold()].append(column["name"])
    return [
        f"{table['name']}: {' and '.join(columns)} are both described as '{text}'"
        for text, columns in names.items()
        if len(set(columns)) > 1 and len(text.split()) > WORDS_OF_A_FILLER
    ]


def caveat_problems(table: Table) -> list[str]:
    """Caveats are a list of whole sentences, because each is shown on a line of its own."""
    caveats = ((table.get("config") or {}).get("meta") or {}).get("caveats")
    if not isinstance(caveats, list) or not caveats:
        return [f"{table['name']} names no caveat"]
    return [
        f"{table['name']}: the caveat '{caveat}' is not a sentence with a full stop"
        for caveat in caveats
        if not isinstance(caveat, str) or not caveat.endswith(".")
    ]


@pytest.mark.parametrize("layer", ["staging", "intermediate", *PUBLIC_LAYERS])
def test_every_model_has_exactly_one_yaml_beside_it(layer: str) -> None:
    assert list((MODELS / layer).rglob("*.sql")), f"no model was found in {layer}"
    assert models_without_their_one_yaml(MODELS / layer) == []


def test_no_layer_escapes_the_checks() -> None:
    assert {path.name for path in MODELS.iterdir()} == {"staging", "intermediate", *PUBLIC_LAYERS}


def test_every_public_model_names_its_grain_and_describes_every_column() -> None:
    models = list(public_models())
    assert models, "no public model was found"
    assert [problem for table in models for problem in table_problems(table)] == []


def test_every_reference_list_names_its_grain_and_describes_every_column() -> None:
    lists = list(seeds())
    assert {table["name"] for table in lists} == {path.stem for path in SEEDS.glob("*.csv")}
    assert [problem for table in lists for problem in table_problems(table)] == []


def test_no_two_columns_of_a_table_share_a_description() -> None:
    assert [problem for table in [*public_models(), *seeds()] for problem in fillers(table)] == []


def test_every_public_model_carries_its_caveats() -> None:
    assert [problem for table in public_models() for problem in caveat_problems(table)] == []


# Each check, broken on purpose.


def good_table() -> Table:
    return {
        "name": "fct_example",
        "description": "One row per council.\nHeadcount.",
        "config": {"meta": {"caveats": ["Councils differ."]}},
        "columns": [
            {"name": "council", "data_type": "varchar", "description": "The council the row is about."},
            {"name": "headcount", "data_type": "bigint", "description": "People in post, each counted once."},
        ],
    }


def test_a_good_table_passes_every_check() -> None:
    table = good_table()
    assert table_problems(table) + fillers(table) + caveat_problems(table) == []


@pytest.mark.parametrize("description", ["", None, "A table of councils.\nOne row per council."])
def test_a_description_that_does_not_begin_with_the_grain_is_found(description: str | None) -> None:
    assert table_problems(good_table() | {"description": description}) == [
        "fct_example does not begin with 'One row per'"
    ]


def test_a_table_without_columns_is_found() -> None:
    assert table_problems(good_table() | {"columns": []}) == ["fct_example describes no column"]


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("description", "fct_example.headcount has no description"),
        ("data_type", "fct_example.headcount has no data type"),
    ],
)
@pytest.mark.parametrize("empty", ["", None])
def test_a_column_without_description_or_type_is_found(key: str, problem: str, empty: str | None) -> None:
    table = good_table()
    table["columns"][1][key] = empty
    assert table_problems(table) == [problem]


def test_a_column_listed_twice_is_found() -> None:
    table = good_table()
    table["columns"].append(table["columns"][1])
    assert table_problems(table) == ["fct_example.headcount is listed twice"]


def test_a_filler_description_is_found_whatever_its_spacing_and_case() -> None:
    table = good_table()
    table["columns"][0]["description"] = "people in post,  each counted ONCE."
    assert fillers(table) == [
        "fct_example: council and headcount are both described as 'people in post, each counted once.'"
    ]


@pytest.mark.parametrize(
    ("meta", "problem"),
    [
        ({}, "fct_example names no caveat"),
        ({"caveats": "Councils differ."}, "fct_example names no caveat"),
        ({"caveats": ["councils"]}, "fct_example: the caveat 'councils' is not a sentence with a full stop"),
    ],
)
def test_missing_and_broken_caveats_are_found(meta: dict[str, Any], problem: str) -> None:
    assert caveat_problems(good_table() | {"config": {"meta": meta}}) == [problem]


def write_model(folder: Path, name: str, *, described_in: tuple[str, ...]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.sql").write_text("select 1", encoding="utf-8")
    for file_name in described_in:
        text = yaml.safe_dump({"models": [{"name": name}]})
        (folder / file_name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    "described_in",
    [
        pytest.param((), id="nowhere"),
        pytest.param(("others.yml",), id="in a file of another name"),
        pytest.param(("fct_example.yml", "others.yml"), id="twice"),
    ],
)
def test_a_model_without_its_one_yaml_is_found(tmp_path: Path, described_in: tuple[str, ...]) -> None:
    write_model(tmp_path / "marts", "fct_example", described_in=described_in)
    assert models_without_their_one_yaml(tmp_path) == [
        "marts/fct_example.sql needs one description, in fct_example.yml beside it"
    ]


def test_a_description_without_its_model_is_found(tmp_path: Path) -> None:
    write_model(tmp_path / "marts", "fct_example", described_in=("fct_example.yml",))
    assert models_without_their_one_yaml(tmp_path) == []
    (tmp_path / "marts" / "fct_example.sql").unlink()
    assert models_without_their_one_yaml(tmp_path) == ["fct_example is described, but no SQL of that name is there"]
