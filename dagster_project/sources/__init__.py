"""What publishers send: a card for each source, and the reading, keeping and refusing of files. Imports no Dagster."""
