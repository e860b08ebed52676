-- Every assignment of the extracts in force, once, with whether and as what it counts.
{{ coded_assignments('is_current') }}
