"""What publishers send: one card per source, and the reading, keeping and refusing of their files. Imports no Dagster."""
