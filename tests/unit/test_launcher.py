"""The launchers `ahp` and `ahp.cmd`: what they run, and what they say when they cannot.

The POSIX launcher runs here for real, against a fake uv and a fake Python that write down how they were called.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

PROJECT_ROOT = Path(__file__).resolve().parents[2]
NEEDED_PROGRAMS = ("sh", "find", "readlink", "rm", "mv", "mkdir", "cp", "chmod", "cat")

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="`ahp` is a POSIX shell script; Windows uses ahp.cmd")

FAKE_UV = """#!/bin/sh
if [ "$1" = --version ]; then exit 0; fi
if [ "$1" = python ]; then exit 1; fi
if [ "$1" = run ] && [ "$6" = sh ]; then printf %s "${FAKE_PROGRAM:-$0}"; exit 0; fi
{ printf 'call %s\\n' "$1"; printf 'cwd %s\\n' "$PWD"; printf 'python %s\\n' "${UV_PYTHON:-}"; } >>"$FAKE_LOG"
for argument in "$@"; do printf 'argument %s\\n' "$argument" >>"$FAKE_LOG"; done
if [ "$1" = sync ]; then
    cat >/dev/null
    [ -z "${FAKE_SYNC_FAILS:-}" ] || exit 1
    echo 'installed 150 packages'
    mkdir -p "$UV_PROJECT_ENVIRONMENT/bin"
    cp "$0" "$UV_PROJECT_ENVIRONMENT/bin/python"
fi
if [ "$1" = run ]; then cat; exit "${FAKE_EXIT_CODE:-0}"; fi
"""

FAKE_PYTHON = """#!/bin/sh
case "$1 $2" in
'-I -c') echo "$0" ;;
'-m venv') mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
'-m pip') [ -z "${FAKE_PIP_FAILS:-}" ] || exit 1; cp "$FAKE_UV" "${0%/*}/uv" ;;
esac
"""

BROKEN_SHIM = "#!/bin/sh\necho 'no version of this program is set' >&2\nexit 127\n"


@dataclass(frozen=True)
class Call:
    """One call of the fake uv."""

    verb: str
    directory: str
    python: str
    arguments: list[str] = field(default_factory=list)


@dataclass
class Machine:
    """A clone of the project in a folder with a space in its name, and a PATH with nothing on it but basic programs."""

    clone: Path
    programs: Path
    log: Path

    def put_program(self, name: str, text: str, folder: Path | None = None) -> Path:
        program = (folder or self.programs) / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(text, encoding="utf-8")
        program.chmod(0o755)
        return program

    def start(
        self,
        *arguments: str,
        launcher: Path | None = None,
        directory: Path | None = None,
        typed: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [launcher or self.clone / "ahp", *arguments],
            cwd=directory or self.clone,
            input=typed,
            env={"PATH": str(self.programs), "FAKE_LOG": str(self.log), **(environment or {})},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def calls(self) -> list[Call]:
        """What uv was asked to do since the last time this was read."""
        calls: list[Call] = []
        details: dict[str, str] = {}
        arguments: list[str] = []
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        for line in [*lines, "call end"]:
            word, _, rest = line.partition(" ")
            if word == "call":
                if details:
                    calls.append(Call(details["call"], details["cwd"], details["python"], arguments))
                details, arguments = {"call": rest}, []
            elif word == "argument":
                arguments.append(rest)
            else:
                details[word] = rest
        self.log.unlink(missing_ok=True)
        return calls

    def verbs(self) -> list[str]:
        return [call.verb for call in self.calls()]

    def make_newer_than_stamp(self, name: str) -> None:
        installed = (self.clone / ".venv" / ".ahp-ready").stat().st_mtime
        os.utime(self.clone / name, (installed + 10, installed + 10))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with Python 3.12 but no uv."""
    clone = tmp_path / "my clone"
    clone.mkdir()
    shutil.copy(PROJECT_ROOT / "ahp", clone / "ahp")
    for name in ("uv.lock", "pyproject.toml"):
        (clone / name).write_text("", encoding="utf-8")
        os.utime(clone / name, (1_700_000_000, 1_700_000_000))
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in NEEDED_PROGRAMS:
        found = shutil.which(name)
        assert found, f"this test needs the program {name}"
        (programs / name).symlink_to(found)
    made = Machine(clone, programs, tmp_path / "calls.log")
    made.put_program("python3.12", FAKE_PYTHON)
    return made


@pytest.fixture
def machine_with_uv(machine: Machine) -> Machine:
    machine.put_program("uv", FAKE_UV)
    return machine


@posix_only
def test_first_start_installs_from_the_lock_file_and_then_hands_over(machine_with_uv: Machine) -> None:
    result = machine_with_uv.start("refresh", typed="select 1")
    clone = str(machine_with_uv.clone)
    sync, prepare, run = machine_with_uv.calls()
    assert sync.arguments == ["sync", "--project", clone, "--frozen", "--compile-bytecode", "--quiet"]
    assert sync.python == str(machine_with_uv.programs / "python3.12")
    prepared = ["run", "--project", clone, "--frozen", "--no-sync", "python", "-m", "dagster_project.prepare"]
    assert prepare.arguments == prepared
    assert run.arguments == ["run", "--project", clone, "--frozen", "--no-sync", "ahp", "refresh"]
    assert "takes a minute or two" in result.stderr
    assert result.stdout == "select 1", (
        "standard input reaches the command, and only the command writes standard output"
    )
    assert result.returncode == 0


@posix_only
def test_a_fresh_stamp_means_no_installation(machine_with_uv: Machine) -> None:
    machine_with_uv.start()
    machine_with_uv.calls()
    result = machine_with_uv.start("status")
    assert machine_with_uv.verbs() == ["run"]
    assert result.stderr == ""


@posix_only
@pytest.mark.parametrize("changed", ["uv.lock", "pyproject.toml"])
def test_changed_dependencies_are_installed_again(machine_with_uv: Machine, changed: str) -> None:
    machine_with_uv.start()
    machine_with_uv.calls()
    machine_with_uv.make_newer_than_stamp(changed)
    result = machine_with_uv.start()
    assert machine_with_uv.verbs() == ["sync", "run", "run"]
    assert "up to date" in result.stderr


@posix_only
def test_a_version_managers_shim_is_used_only_to_find_uv(machine: Machine, tmp_path: Path) -> None:
    program = machine.put_program("uv", FAKE_UV, folder=tmp_path / "version 2")
    shim = machine.put_program("uv", f"#!/bin/sh\nexec '{program}' \"$@\"\n")
    machine.start(environment={"FAKE_PROGRAM": str(program)})
    machine.calls()
    shim.write_text(BROKEN_SHIM, encoding="utf-8")
    assert machine.start().returncode == 0
    assert machine.verbs() == ["run"]


@posix_only
def test_a_moved_clone_is_installed_anew(machine_with_uv: Machine) -> None:
    machine_with_uv.start()
    machine_with_uv.calls()
    moved = machine_with_uv.clone.rename(machine_with_uv.clone.with_name("moved clone"))
    left_over = moved / ".venv" / "left-over"
    left_over.touch()
    machine_with_uv.start(launcher=moved / "ahp", directory=moved)
    assert machine_with_uv.verbs() == ["sync", "run", "run"]
    assert not left_over.exists()


@posix_only
def test_arguments_pass_through_unchanged(machine_with_uv: Machine) -> None:
    arguments = ["sql", "select 'two  words', * from t", "", "*.csv", 'say "yes"', "$HOME", "back\\slash"]
    machine_with_uv.start(*arguments)
    assert machine_with_uv.calls()[-1].arguments[6:] == arguments


@posix_only
def test_the_callers_folder_is_kept(machine_with_uv: Machine, tmp_path: Path) -> None:
    elsewhere = tmp_path / "some where"
    elsewhere.mkdir()
    machine_with_uv.start(directory=elsewhere)
    run = machine_with_uv.calls()[-1]
    assert run.directory == str(elsewhere)
    assert run.arguments[:3] == ["run", "--project", str(machine_with_uv.clone)]


@posix_only
def test_a_linked_launcher_finds_its_clone(machine_with_uv: Machine) -> None:
    bin_folder = machine_with_uv.programs
    (bin_folder / "warehouse").symlink_to("../my clone/ahp")
    (bin_folder / "ahp").symlink_to("warehouse")
    machine_with_uv.start(launcher=bin_folder / "ahp")
    assert machine_with_uv.calls()[-1].arguments[2] == str(machine_with_uv.clone)


@posix_only
def test_the_exit_code_of_the_command_is_the_launchers(machine_with_uv: Machine) -> None:
    assert machine_with_uv.start(environment={"FAKE_EXIT_CODE": "3"}).returncode == 3


@posix_only
def test_a_python_too_new_brings_uv_and_uv_a_python_that_suits(machine: Machine) -> None:
    too_new = '#!/bin/sh\ncase "$3" in *"(4, 0)"*) printf "%s\\n" "$0" ;; esac\n'
    machine.put_program("python3.12", BROKEN_SHIM)
    machine.put_program("python3", too_new)
    machine.put_program("uv", FAKE_UV)
    assert machine.start("status").returncode == 0
    assert machine.calls()[0].python == ">=3.11,<3.14"


@posix_only
def test_without_a_suitable_python_it_says_which_are_needed(machine: Machine) -> None:
    machine.put_program("python3.12", BROKEN_SHIM)
    for with_uv in (False, True):
        if with_uv:
            machine.put_program("uv", FAKE_UV)
        result = machine.start()
        assert result.returncode == 2
        assert "Python 3.11 or later is needed" in result.stderr
        assert "Install one" in result.stderr
        assert machine.calls() == []


@posix_only
def test_the_newest_python_is_preferred(machine_with_uv: Machine) -> None:
    for name in ("python3.11", "python3.13", "python3"):
        machine_with_uv.put_program(name, FAKE_PYTHON)
    machine_with_uv.start()
    assert machine_with_uv.calls()[0].python == str(machine_with_uv.programs / "python3.13")


@posix_only
def test_a_failed_installation_says_what_to_do_and_leaves_no_stamp(machine_with_uv: Machine) -> None:
    result = machine_with_uv.start(environment={"FAKE_SYNC_FAILS": "1"})
    assert result.returncode == 2
    assert "the installation did not finish" in result.stderr
    assert "run the same command again" in result.stderr
    assert machine_with_uv.verbs() == ["sync"]
    machine_with_uv.start()
    assert machine_with_uv.verbs() == ["sync", "run", "run"]


@posix_only
@pytest.mark.parametrize("shim_on_path", [False, True])
def test_without_uv_a_private_copy_is_brought_once(machine: Machine, tmp_path: Path, shim_on_path: bool) -> None:
    if shim_on_path:
        machine.put_program("uv", BROKEN_SHIM)
    source = machine.put_program("fake-uv", FAKE_UV, folder=tmp_path / "package index")
    result = machine.start(environment={"FAKE_UV": str(source)})
    assert "bringing a private copy" in result.stderr
    assert machine.verbs() == ["sync", "run", "run"]
    assert [path.name for path in (machine.clone / ".tools").iterdir()] == ["bin"]
    machine.make_newer_than_stamp("uv.lock")
    assert "private copy" not in machine.start().stderr
    assert machine.verbs() == ["sync", "run", "run"]


@posix_only
def test_uv_that_cannot_be_fetched_is_explained_and_leaves_nothing_behind(machine: Machine) -> None:
    result = machine.start(environment={"FAKE_PIP_FAILS": "1"})
    assert result.returncode == 2
    assert "could not be fetched" in result.stderr
    assert "needs the network, once" in result.stderr
    assert list((machine.clone / ".tools").iterdir()) == []


def test_both_launchers_want_the_same_uv_and_python() -> None:
    posix = (PROJECT_ROOT / "ahp").read_text(encoding="utf-8")
    windows = (PROJECT_ROOT / "ahp.cmd").read_text(encoding="utf-8")
    for name in ("uv_wanted", "python_wanted"):
        in_posix = re.search(rf"^{name}='(.+)'$", posix, re.MULTILINE)
        in_windows = re.search(rf'^set "{name.upper()}=(.+)"$', windows, re.MULTILINE)
        assert in_posix
        assert in_windows
        assert in_posix[1] == in_windows[1]


def test_the_launcher_offers_only_pythons_the_project_accepts() -> None:
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    accepted = SpecifierSet(project["requires-python"])
    launcher = (PROJECT_ROOT / "ahp").read_text(encoding="utf-8")
    offered = re.findall(r"python(3\.\d+)", launcher)
    assert offered
    assert [version for version in offered if not accepted.contains(version)] == []
