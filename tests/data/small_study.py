"""The texts of a small study: its codebook and its tables."""

CODEBOOK = """\
instrument: {name: Small, version: "1"}
responses:
  agreement: {type: rating, low: 1, high: 5,
              labels: {1: [Strongly disagree, Not at all], 3: Neutral, 5: Strongly agree}}
  likelihood: {type: rating, low: 0, high: 10, favourable_from: 9}
  comment: {type: text}
dimensions:
  - {id: listening, playbook: role-swap}
  - {id: trust}
items:
  - {id: listening_1, dimension: listening, response: agreement, answered_by: [hr, manager], short_form: true,
     text: {hr: This manager hears me out to the end., manager: My HR partner hears me out to the end.}}
  - {id: listening_2, dimension: listening, response: agreement, answered_by: [hr, manager], reverse: true,
     text: {hr: This manager interrupts me., manager: My HR partner interrupts me.}}
  - {id: trust_1, dimension: trust, response: agreement, answered_by: [hr, manager], short_form: true,
     text: {hr: I rely on what this manager says., manager: I rely on what my HR partner says.}}
  - {id: again, role: outcome, response: likelihood, text: "Would you choose to work together again?"}
  - {id: remark, role: comment, response: comment, text: "What should change?"}
"""

TABLES = {
    "people": """\
person_id,side,department,location,start_date
007,hr,HR,Bern,2019-01-01
m1,manager,Sales,Bern,2020-01-01
m2,manager,Logistics,Ulm,2021-01-01
""",
    "partnerships": """\
partnership_id,hr_id,manager_id,start_date,end_date
P1,007,m1,2022-01-01,
P2,007,m2,2022-01-01,
""",
    "survey": """\
respondent_id,partnership_id,wave,submitted_at,listening_1,listening_2,trust_1,again,remark
007,P1,2026-H1,2026-05-01 10:00,5,1,4,9,
007,P2,2026-H1,2026-05-02 10:00,4,2,3,7,
m1,P1,2026-H1,2026-05-03 10:00,3,2,4,10,more time
""",
}
