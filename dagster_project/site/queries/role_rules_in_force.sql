-- Rules of role coding in force, the strongest first
select
    rule_id,
    reason,
    replace(role_code, '_', ' ') as role_code,
    basis,
    sureness,
    code_book_rule
from reference.role_rules
order by rule_order
