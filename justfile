# Shorthand for those who use just; every recipe is one command that works without it.
ahp := if os_family() == "windows" { "ahp.cmd" } else { "./ahp" }
set windows-shell := ["cmd.exe", "/c"]

# List the recipes
default:
    @just --list

# Run the tests; arguments go to pytest
test *arguments:
    {{ ahp }} test {{ arguments }}

# Check style and format
lint:
    uv run --frozen --no-sync ruff check
    uv run --frozen --no-sync ruff format --check
    uv run --frozen --no-sync sqlfluff lint --processes 2 dbt

# Check types
types:
    uv run --frozen --no-sync mypy dagster_project

# Land, build, check and release
refresh *arguments:
    {{ ahp }} refresh {{ arguments }}

# Start Dagster's web page and daemon, with the nightly schedule on
serve:
    {{ ahp }} serve

# Time a refresh beside a floor measured in the same run
bench:
    uv run --frozen --no-sync python -m bench
