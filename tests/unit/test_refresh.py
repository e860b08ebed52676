"""Why a night did not release, in words for a person."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dagster_project.refresh import _why_not


def failed_with(message: str) -> Any:
    """What Dagster gives of a run in which one step failed, wrapped in an error of its own."""
    inner = SimpleNamespace(message=message, cause=None)
    outer = SimpleNamespace(
        message="dagster.DagsterExecutionStepExecutionError: ...", cause=inner, to_string=lambda: "trace"
    )
    event = SimpleNamespace(is_step_failure=True, step_key="land_files", step_failure_data=SimpleNamespace(error=outer))
    return SimpleNamespace(get_asset_check_evaluations=lambda: [], all_node_events=[event])


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("dagster_project.sources.person_level.keys.KeyNotUsable: The key is no key.\n", "The key is no key."),
        ("OSError: [Errno 28] No space left on device", "OSError: [Errno 28] No space left on device"),
    ],
)
def test_an_error_of_ours_is_told_without_the_name_of_its_class(tmp_path: Path, message: str, said: str) -> None:
    log = tmp_path / "refresh.log"
    assert _why_not(failed_with(message), log) == f"{said} The log is refresh.log, in the folder logs of the home."
    assert "land_files failed:\ntrace" in log.read_text(encoding="utf-8")
