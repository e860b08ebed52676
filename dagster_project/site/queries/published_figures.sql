-- Numbers that reports print, as printed, and ratios of them
select
    figures.document_title,
    documents.publisher,
    documents.published,
    documents.licence,
    documents.cadence,
    section,
    subject_name,
    coalesce(breakdown, '') as breakdown,
    geography_name,
    coalesce(period, '') as period,
    value_as_written,
    value_low,
    unit,
    case when value_status <> 'reported' then replace(value_status, '_', ' ') else '' end as doubt,
    worked_out_value,
    coalesce(worked_out_as, '') as worked_out_as,
    coalesce(note, '') as note
from marts.fct_published_figures as figures
inner join reference.published_documents as documents on figures.source_document = documents.source_document
order by figures.document_title, section, place
