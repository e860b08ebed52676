"""Makes, when the project is installed, what follows from its code alone: `python -m dagster_project.prepare`.

Belongs here: the list of what is made ahead. Does not: making it. What is missing is made when it is first needed.
"""

from __future__ import annotations

import contextlib
import io

from dagster_project.dbt_assets import assets_of_dbt
from dagster_project.dbt_documentation import documentation_of_dbt
from dagster_project.home import Home
from dagster_project.rules import compiled_rules
from dagster_project.warehouse import warehouse_of_the_code


def prepare(home: Home) -> None:
    """Has dbt read the project, load the reference lists and compile the rules of a check; has its assets made.

    They are kept with the clone, or in the home where the clone cannot be written to. Raises DbtProblem and OSError.
    """
    # dbt says what it does on standard output.
    with contextlib.redirect_stdout(io.StringIO()):
        warehouse_of_the_code(home)
        assets_of_dbt(home)
        compiled_rules()
        documentation_of_dbt(home)


if __name__ == "__main__":
    prepare(Home.from_environment())
