"""The invented extracts that come with the warehouse: a small cut of what `ahp synth` writes.

Belongs here: which files of which scale are bundled. Does not: what is in them, or how they are marked.
Run as a program (uv run python -m dagster_project.synth.example) it writes them anew.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from dagster_project.home import BUNDLED_LANDING
from dagster_project.synth.inputs import write_inputs
from dagster_project.synth.scales import EXAMPLE, trusts_of

# The trust whose extracts have faults of most kinds.
_TRUST = 1


def put_example(inputs: Path, landing: Path) -> list[Path]:
    """Copies what is bundled from `inputs`, written at the scale `example`, into `landing`, over what is there.

    That is one trust's extracts of staff in post for two months, and one council's worker records and workplaces as it
    would upload them. Gives the paths, relative to `landing`.
    """
    trust = trusts_of(EXAMPLE)["ods_code"][_TRUST]
    made = inputs / "landing"
    paths = []
    for file in sorted([*made.glob(f"esr/esr_{trust}_*.csv"), *made.glob("skills_for_care/bulk_upload/*/*.csv")]):
        # Whoever looks into the folder sees it too; what counts is the mark within.
        path = file.relative_to(made).with_name(f"invented_{file.name}")
        (landing / path.parent).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, landing / path)
        paths.append(path)
    return paths


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        write_inputs(EXAMPLE.name, Path(scratch) / "inputs")
        for written in put_example(Path(scratch) / "inputs", BUNDLED_LANDING):
            print(written)
