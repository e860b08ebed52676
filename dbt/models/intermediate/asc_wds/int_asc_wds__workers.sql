-- Every landed worker record of the files in force, with whether and as what it counts.
{{ coded_workers('is_current') }}
