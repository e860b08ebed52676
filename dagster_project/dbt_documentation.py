"""dbt's own documentation of the project as one page, for those who read or change the rules.

Belongs here: making dbt's page one that opens from any folder, asks nothing of any machine, holds nothing of the one it
was made on, and is the same for the same code. Does not: what it says, which is the YAML of the models.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from dagster_project.dbt_project import DBT_PACKAGE, kept_for_this_code, prepare_manifest
from dagster_project.home import Home

PAGE = "index.html"
# Where it lies in the site of a release.
PLACE = f"dbt/{PAGE}"
# Before each line of the page that is not dbt's own.
_MARK = "/* of the project */"
# Of the tests of a model their names and descriptions; what goes in and comes out is a third of everything.
_LONG_IN_UNIT_TESTS = ("given", "expect")
# Where and when dbt read the project, which differs from machine to machine.
_OF_THE_MACHINE = ("root_path", "created_at", "build_path", "compiled_path", "unrendered_config")
_OF_THE_RUN = ("generated_at", "invocation_id", "invocation_started_at", "run_started_at", "user_id", "env")
# Angular writes its templates with `eval`. Nothing can be fetched from anywhere, whatever the page may try.
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data:; font-src data:\">"
)


class PageNotUnderstood(Exception):
    """dbt's page is not the one that is known here, so that it cannot be made to open from a folder."""


def documentation_of_dbt(home: Home) -> Path:
    """The page, made when no home and no process has had it made for this code before. Raises PageNotUnderstood."""
    return kept_for_this_code(home, "documentation", partial(_write, home)) / PAGE


def _write(home: Home, folder: Path) -> None:
    known = json.loads(prepare_manifest(home).read_text(encoding="utf-8"))
    of_dbt = Path(str(distribution(DBT_PACKAGE).locate_file("dbt/task/docs/index.html"))).read_text(encoding="utf-8")
    (folder / PAGE).write_text(page_of(of_dbt, known), encoding="utf-8", newline="\n")


def page_of(of_dbt: str, known: dict[str, Any]) -> str:
    """dbt's empty page filled with what dbt knows of the project. Raises PageNotUnderstood."""
    page = of_dbt
    for pattern, replacement in (
        # The browser would look for pictures of these names before the page's own script has read them.
        (r'(?<![-\w])xlink:href="\{\{ ?getIcon', 'ng-attr-xlink:href="{{ getIcon'),
        (r'<link rel="shortcut icon"[^>]*>', ""),
        (r"<head>", f"<head>{_POLICY}"),
        (r'"MANIFEST\.JSON INLINE DATA"', _in_script(_of_the_project(known))),
        (r'"CATALOG\.JSON INLINE DATA"', _in_script(_catalogue(known))),
    ):
        first, *others = re.split(pattern, page)
        if not others:
            raise PageNotUnderstood(f"dbt's page of documentation no longer holds {pattern}.")
        page = replacement.join([first, *others])
    return page


def _of_the_project(known: dict[str, Any]) -> dict[str, Any]:
    """What dbt knows, without its own macros, the machine and the moment."""
    project = known["metadata"]["project_name"]
    return {
        **known,
        "metadata": {name: value for name, value in known["metadata"].items() if name not in _OF_THE_RUN},
        "nodes": {name: _without(node, _OF_THE_MACHINE) for name, node in known["nodes"].items()},
        "sources": {name: _without(source, _OF_THE_MACHINE) for name, source in known["sources"].items()},
        "macros": {
            name: _without(macro, _OF_THE_MACHINE)
            for name, macro in known["macros"].items()
            if macro["package_name"] == project
        },
        "unit_tests": {
            name: _without(test, _OF_THE_MACHINE) | {key: [] for key in _LONG_IN_UNIT_TESTS}
            for name, test in known["unit_tests"].items()
        },
    }


def _catalogue(known: dict[str, Any]) -> dict[str, Any]:
    """The types of the columns as their YAML has them, in the form in which dbt would ask a warehouse for them."""

    def described(entry: dict[str, Any]) -> dict[str, Any]:
        columns = [column for column in entry["columns"].values() if column["data_type"]]
        return {
            "metadata": {"type": "table", "schema": entry["schema"], "name": entry["name"], "comment": None},
            "columns": {
                column["name"]: {"type": column["data_type"], "index": number, "name": column["name"], "comment": None}
                for number, column in enumerate(columns, 1)
            },
            "stats": {},
            "unique_id": entry["unique_id"],
        }

    kinds = {
        kind: {name: described(entry) for name, entry in known[kind].items() if entry["columns"]}
        for kind in ("nodes", "sources")
    }
    return {"metadata": {}, "errors": None, **kinds}


def _without(entry: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name not in names}


def _in_script(value: dict[str, Any]) -> str:
    """JSON on a line of its own, that cannot end the script it stands in."""
    text = json.dumps(value, separators=(",", ":")).replace("</", "<\\/").replace("<!--", "<\\u0021--")
    return f"\n{_MARK}{text}\n"


def said_of_the_project(page: str) -> Iterator[dict[str, Any]]:
    """What the page holds beside dbt's own text, as `page_of` put it there."""
    for line in page.splitlines():
        if line.startswith(_MARK):
            yield json.loads(line.removeprefix(_MARK))
