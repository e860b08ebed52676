"""The invented extracts that come with the warehouse: a small cut of what `ahp synth` writes.

Belongs here: which files of which scale are bundled. Does not: what is in them, or how they are marked.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from dagster_project.synth.inputs import write_inputs
from dagster_project.synth.scales import EXAMPLE, trusts_of

# The trust whose extracts have a fault of most kinds.
_TRUST = 1


def write_bundled_example(landing: Path) -> list[Path]:
    """Writes the bundled invented files into `landing`, over those that are there: the same bytes each time.

    They are one trust's extracts of staff in post for two months, and one council's worker records and workplaces as
    it would upload them. Gives the paths, relative to `landing`.
    """
    trust = trusts_of(EXAMPLE)["ods_code"][_TRUST]
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "whole"
        write_inputs(EXAMPLE.name, whole)
        made = whole / "landing"
        chosen = sorted([*made.glob(f"esr/esr_{trust}_*.csv"), *made.glob("skills_for_care/bulk_upload/*/*.csv")])
        paths = []
        for file in chosen:
            # Whoever looks into the folder sees it too.
            relative = file.relative_to(made)
            path = relative.with_name(f"invented_{relative.name}")
            (landing / path.parent).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, landing / path)
            paths.append(path)
    return paths
