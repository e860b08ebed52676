select distinct
    choice_list,
    {{ normalised_name('label') }} as label_normalised,
    code
from {{ ref('return_choices') }}
