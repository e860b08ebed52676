"""From the private warehouse to what analysts open: build a candidate, judge it, publish it. No Dagster."""
