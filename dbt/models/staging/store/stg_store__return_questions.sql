select
    field,
    question,
    part,
    choice_list,
    return_group,
    learner_type
from {{ source('landed', 'return_questions') }}
