"""How much is invented: which organisations, how many months, how many posts.

Belongs here: the choice of organisations and months. Does not: what their staff are like (workforce).
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars

from dagster_project.synth.facts import facts

SMALL_ICS = "Derby and Derbyshire"
REGION = ("East Midlands", "West Midlands")
TRUSTS_OF_AN_ICS_IN_A_REGION = 3
LAST_MONTH = (2026, 3)


@dataclass(frozen=True)
class Scale:
    """What `--scale` asks for.

    `posts_per_trust` is the mean, and `workers` how many posts social care has in all, some of them empty.
    `share_of_allied_health` is None where it is what each kind of trust really has. `has_council_returns` goes with a
    sample of councils' staff in which therapists are many; otherwise job roles are shared out as they really are.
    """

    name: str
    months: int
    posts_per_trust: int
    workers: int
    share_of_allied_health: float | None
    one_file_per_trust: bool
    has_council_returns: bool


# What the bundled example is cut from, as few people as let every fault be planted.
EXAMPLE = Scale("example", 2, 110, 1_200, 0.8, one_file_per_trust=True, has_council_returns=True)
SCALES = {
    scale.name: scale
    for scale in (
        EXAMPLE,
        Scale("small", 6, 560, 1_200, 0.8, one_file_per_trust=True, has_council_returns=True),
        Scale("region", 24, 380, 15_000, 0.8, one_file_per_trust=True, has_council_returns=True),
        Scale("national", 2, 8_800, 716_000, None, one_file_per_trust=False, has_council_returns=False),
    )
}


def month_ends(months: int) -> list[date]:
    """The last days of so many months, oldest first; the newest is that of `LAST_MONTH`."""
    year, month = LAST_MONTH
    newest = year * 12 + month - 1
    counted = range(newest - months + 1, newest + 1)
    return [date(n // 12, n % 12 + 1, calendar.monthrange(n // 12, n % 12 + 1)[1]) for n in counted]


def councils_of(scale: Scale) -> polars.DataFrame:
    """One row per council of the scale, in order of code."""
    councils = facts("councils").sort("organisation_code")
    match scale.name:
        case "example" | "small":
            return councils.filter(polars.col("ics_name") == SMALL_ICS)
        case "region":
            return councils.filter(polars.col("adass_region").is_in(REGION))
        case _:
            return councils


def trusts_of(scale: Scale) -> polars.DataFrame:
    """One row per trust of the scale, in order of code."""
    trusts = facts("trusts").sort("ods_code")
    match scale.name:
        case "example" | "small":
            return trusts.filter(polars.col("ics_name") == SMALL_ICS)
        case "region":
            systems = councils_of(scale)["ics_name"].unique()
            mixed = trusts.with_columns(nth_of_type=polars.col("ods_code").cum_count().over("ics_name", "trust_type"))
            first = mixed.sort("nth_of_type", "ods_code").group_by("ics_name", maintain_order=True)
            return (
                first.head(TRUSTS_OF_AN_ICS_IN_A_REGION)
                .filter(polars.col("ics_name").is_in(systems.implode()))
                .drop("nth_of_type")
                .sort("ods_code")
            )
        case _:
            return trusts


def tickets(rows: polars.DataFrame, group: Sequence[str], weight: str, number: int) -> polars.DataFrame:
    """`number` tickets a group, numbered from 0 and shared out among its rows by weight; rows of no weight get none."""
    drawn = rows.filter(polars.col(weight) > 0)
    upper = (polars.col(weight).cum_sum() / polars.col(weight).sum() * number).round().cast(polars.Int64).over(group)
    ranged = drawn.with_columns(upper=upper).with_columns(lower=polars.col("upper").shift(1, fill_value=0).over(group))
    return (
        ranged.with_columns(ticket=polars.int_ranges("lower", "upper"))
        .drop("lower", "upper")
        .filter(polars.col("ticket").list.len() > 0)
        .explode("ticket")
    )
