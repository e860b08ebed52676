"""The warehouse's own rules, run in memory on any store: the SQL of its models as dbt compiled it, without dbt.

Belongs here: having dbt compile the models once for each version of the code, and running those that a question needs.
Does not: any rule; those are SQL in `dbt/`. A single file is judged by this in a second, by the very statements that
build the warehouse at night; dbt and what it imports would take longer to start than to answer.
"""

from __future__ import annotations

import glob
import json
import tempfile
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, replace
from functools import partial
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.dbt_project import DbtProblem, is_kept_for_this_code, kept_for_this_code, run_dbt
from dagster_project.home import DBT_PROJECT, Home

if TYPE_CHECKING:
    import duckdb

_RULES = "rules.json"
# Most of the work is DuckDB's, which lets other threads go on meanwhile.
WORKERS = 2


@dataclass(frozen=True)
class Column:
    """One column of a table whose contract is enforced."""

    name: str
    data_type: str
    not_null: bool


@dataclass(frozen=True)
class Relation:
    """One model or reference list. `sql` is the compiled select; `after` is what it reads.

    A model that is made of reference lists alone is one itself, and has been made: its `sql` is '', as a list's is.

    `columns` are those of its contract, none when it has none: its select then says what its columns are.
    """

    name: str
    sql: str
    after: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()

    @property
    def is_reference_list(self) -> bool:
        return not self.sql


@dataclass(frozen=True)
class Rules:
    """Every model and reference list by its name 'schema.table', each after all that it reads.

    `settings` are DuckDB's, as the night has them but for its threads. `lists` is the folder of the reference lists,
    typed, as Parquet.
    """

    database: str
    settings: Mapping[str, str]
    relations: Mapping[str, Relation]
    lists: Path

    def needed_for(self, wanted: Collection[str]) -> list[Relation]:
        """The wanted relations and all that they are made from, in the order in which they can be made.

        Raises ValueError when there is no relation of a name.
        """
        self._must_have(wanted)
        needed: set[str] = set()
        waiting = list(wanted)
        while waiting:
            name = waiting.pop()
            if name not in needed:
                needed.add(name)
                waiting += self.relations[name].after
        return [relation for name, relation in self.relations.items() if name in needed]

    def with_given(self, given: Collection[Relation]) -> Rules:
        """These rules, with other relations in place of some. Raises ValueError when there is no relation of a name."""
        replaced = {relation.name: relation for relation in given}
        self._must_have(replaced)
        return replace(self, relations={**self.relations, **replaced})

    def _must_have(self, names: Collection[str]) -> None:
        unknown = sorted(set(names) - self.relations.keys())
        if unknown:
            raise ValueError(f"The warehouse has no {' and no '.join(unknown)}.")


def compiled_rules() -> Rules:
    """The rules of this code. dbt compiles them when no process has asked for them before.

    Raises DbtProblem when dbt cannot read the project, and OSError when what it compiled can be kept nowhere.
    """
    home = Home.from_environment()
    folder = kept_for_this_code(home, "rules", partial(_compile, home))
    kept = json.loads((folder / _RULES).read_text(encoding="utf-8"))
    relations = {
        relation["name"]: Relation(
            **relation
            | {"after": tuple(relation["after"]), "columns": tuple(Column(**column) for column in relation["columns"])}
        )
        for relation in kept["relations"]
    }
    return Rules(kept["database"], kept["settings"], relations, folder)


def rules_are_compiled() -> bool:
    """Whether the rules of this code are at hand; otherwise dbt compiles them first, which takes a while."""
    return is_kept_for_this_code(Home.from_environment(), "rules")


def run_rules(
    store: Path,
    wanted: Collection[str],
    refreshed_at: str,
    given: Collection[Relation] = (),
    begin: Callable[[duckdb.DuckDBPyConnection], object] = lambda connection: None,
) -> duckdb.DuckDBPyConnection:
    """A database in memory with the wanted relations ('quality.findings') and all that they are made from.

    They are made of the landed Parquet of `store`, as a night would at the instant `refreshed_at` (UTC, ISO 8601).
    Each of `given` takes the place of the relation of its name; what only that was made from is then not needed.
    `begin` is done before anything else, such as loading what they select from.
    Raises ValueError when there is no relation of a name, duckdb.Error when a model cannot be made of what was landed,
    and whatever `compiled_rules` raises.
    """
    import duckdb

    rules = compiled_rules().with_given(given)
    needed = rules.needed_for(wanted)
    connection = duckdb.connect(":memory:", config=dict(rules.settings))
    settings = [
        f"use {_quoted(rules.database)}",
        f"set variable store = {_text(store.as_posix())}",
        f"set variable refreshed_at = {_text(refreshed_at)}",
    ]
    try:
        connection.execute(f"attach ':memory:' as {_quoted(rules.database)}")
        for statement in settings:
            connection.execute(statement)
        begin(connection)
        for schema in sorted({relation.name.split(".")[0] for relation in needed}):
            connection.execute(f"create schema {_quoted(schema)}")
        _make(connection, needed, settings, rules.lists)
    except BaseException:
        connection.close()
        raise
    return connection


def _make(
    connection: duckdb.DuckDBPyConnection, needed: Collection[Relation], settings: Collection[str], lists: Path
) -> None:
    """Makes each relation after those it reads, as many at a time as there are workers."""
    relations = {relation.name: relation for relation in needed}

    def make(name: str) -> str:
        # A connection serves one thread at a time, and knows only what was set on it.
        with connection.cursor() as own:
            for statement in (*settings, *_statements(relations[name], lists)):
                own.execute(statement)
        return name

    order = TopologicalSorter({name: relation.after for name, relation in relations.items()})
    order.prepare()
    with ThreadPoolExecutor(WORKERS) as workers:
        making: set[Future[str]] = set()
        try:
            while order.is_active():
                making |= {workers.submit(make, name) for name in order.get_ready()}
                made, making = wait(making, return_when=FIRST_COMPLETED)
                for one in made:
                    order.done(one.result())
        finally:
            for one in making:
                one.cancel()


def _statements(relation: Relation, lists: Path) -> list[str]:
    """What makes the relation hold what dbt's holds."""
    name = _quoted(relation.name)
    if relation.is_reference_list:
        file = glob.escape(_list_file(lists, relation.name).as_posix())
        select = f"select * from read_parquet({_text(file)})"
    else:
        select = relation.sql
    if not relation.columns:
        # A view too is made once: each of its readers would read the landed files anew.
        return [f"create table {name} as (\n{select}\n)"]
    columns = ", ".join(column.name for column in relation.columns)
    promised = ", ".join(
        f"{column.name} {column.data_type}{' not null' if column.not_null else ''}" for column in relation.columns
    )
    return [
        f"create table {name} ({promised})",
        f"insert into {name} ({columns}) (select {columns} from (\n{select}\n) as model_subq)",
    ]


def _compile(home: Home, folder: Path) -> None:
    """Has dbt compile every model, and takes every reference list from where dbt has loaded it."""
    import duckdb

    from dagster_project.warehouse import warehouse_of_the_code

    lists = warehouse_of_the_code(home)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        left_out = ("--exclude", "resource_type:test", "resource_type:unit_test")
        done = run_dbt(home, "compile", *left_out, "--quiet", scratch=Path(name))
        if not done.success:
            raise DbtProblem(f"dbt could not compile the rules: {done.exception or 'see its log'}")
        nodes = {result.node.unique_id: result.node for result in done.result.results}
        names = {unique_id: f"{node.schema}.{node.alias}" for unique_id, node in nodes.items()}
        ready_made = _made_of_lists_alone(nodes)
        relations = {
            names[unique_id]: _relation(node, names, is_list=unique_id in ready_made)
            for unique_id, node in nodes.items()
        }
    with duckdb.connect(str(lists), read_only=True) as warehouse:
        for relation in relations.values():
            if relation.is_reference_list:
                warehouse.table(relation.name).write_parquet(str(_list_file(folder, relation.name)))
    order = TopologicalSorter({name: relation.after for name, relation in sorted(relations.items())}).static_order()
    rules = {
        "database": home.warehouse.stem,
        "settings": _settings(),
        "relations": [asdict(relations[name]) for name in order],
    }
    (folder / _RULES).write_text(json.dumps(rules), encoding="utf-8")


def _made_of_lists_alone(nodes: Mapping[str, Any]) -> set[str]:
    """The reference lists, and the models that read no landed file, by whatever way: what they hold is the code's."""
    reads = {
        unique_id: set(node.depends_on.nodes) if node.config.materialized != "seed" else set()
        for unique_id, node in nodes.items()
    }
    landed = {parent for parents in reads.values() for parent in parents if parent not in nodes}
    order = TopologicalSorter(reads).static_order()
    alone: set[str] = set()
    for unique_id in order:
        if unique_id not in landed and reads[unique_id] <= alone:
            alone.add(unique_id)
    return alone


def _relation(node: Any, names: Mapping[str, str], is_list: bool) -> Relation:
    """What dbt compiled, in our words. Raises DbtProblem for a kind of model that cannot be made here."""
    kind = str(node.config.materialized)
    if kind not in ("seed", "table", "view"):
        raise DbtProblem(f"The model {node.name} is made as '{kind}'; only tables and views can be run in memory.")
    columns = [
        Column(column.name, column.data_type, any(rule.type == "not_null" for rule in column.constraints))
        for column in node.columns.values()
    ]
    return Relation(
        name=names[node.unique_id],
        sql="" if is_list else node.compiled_code,
        after=() if is_list else tuple(names[parent] for parent in node.depends_on.nodes if parent in names),
        columns=tuple(columns) if node.config.contract.enforced else (),
    )


def _settings() -> dict[str, str]:
    """What the night's database is set to; what differs from run to run is set at each connection."""
    from dagster_project.yaml_files import read_yaml

    (profile,) = read_yaml(DBT_PROJECT / "profiles.yml").values()
    output = profile["outputs"][profile["target"]]
    fixed = {name: str(value) for name, value in output["config_options"].items()}
    # For as few rows as one file brings, sharing out the rows of a statement takes longer than the work.
    return {**fixed, "threads": "1"}


def _quoted(name: str) -> str:
    return ".".join(f'"{part}"' for part in name.split("."))


def _text(value: str) -> str:
    """A text in SQL. A parameter would do, but for the first one DuckDB imports pandas, which takes 80 MB."""
    return "'" + value.replace("'", "''") + "'"


def _list_file(folder: Path, name: str) -> Path:
    return folder / f"{name}.parquet"
