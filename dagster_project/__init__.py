"""Wiring and the edges of the world: what comes in, what runs when, what goes out. Business rules live in `dbt/`."""

import os

# No telemetry leaves the machine. Set before any of the libraries that would send it is imported.
os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
