"""The assets of the nightly refresh, in three files: landing, warehouse, release. Each body is a call."""
