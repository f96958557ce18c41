"""All SQL of the write path, in one place: one trip to lock and load, one trip to write."""

#: Locks the case. The sub-cases are read by a statement of their own (in the same trip), so that
#: after waiting for the lock they are read as the other transaction left them.
LOCK = """
SELECT id, case_number, state, edition_id, edition_hash, channel, since, submitted_at, accepted_on,
       detail::text, sequence, head, district_id, applicant_id, person_id
  FROM cases_jointcaserecord
 WHERE id = %(case_id)s
   FOR UPDATE
"""

LOAD = """
SELECT detail::text, number, district_id FROM cases_subcaserecord WHERE case_id = %(case_id)s ORDER BY number
"""

#: Writes the case, its changed sub-cases, the journal, the outbox and the messages together.
#: `sequence` guards against a writer that did not hold the lock.
WRITE = """
WITH the_case AS (
  UPDATE cases_jointcaserecord SET
         state = %(state)s, since = %(since)s, accepted_on = %(accepted_on)s, due_on = %(due_on)s,
         is_provisional = %(is_provisional)s, open_count = %(open_count)s,
         item_count = %(item_count)s, clock_on = %(clock_on)s, next_actors = %(next_actors)s::jsonb,
         detail = %(detail)s::jsonb, sequence = %(sequence)s, head = %(head)s
   WHERE id = %(case_id)s AND sequence = %(before)s
  RETURNING id
), sub AS (
  INSERT INTO cases_subcaserecord AS s (id, case_id, number, department, district_id, state,
         outcome, since, due_on, is_provisional, clock_on, detail, result_number)
  SELECT r.id, %(case_id)s, r.number, r.department, %(district)s, r.state, r.outcome, r.since,
         r.due_on, r.is_provisional, r.clock_on, r.detail, ''
    FROM jsonb_to_recordset(%(subs)s::jsonb) AS r(id uuid, number int, department text, state text,
         outcome text, since timestamptz, due_on date, is_provisional bool, clock_on date,
         detail jsonb)
  ON CONFLICT (case_id, number) DO UPDATE SET
         department = excluded.department, state = excluded.state, outcome = excluded.outcome,
         since = excluded.since, due_on = excluded.due_on,
         is_provisional = excluded.is_provisional, clock_on = excluded.clock_on,
         detail = excluded.detail,
         claimed_by_id = CASE WHEN s.department = excluded.department THEN s.claimed_by_id END,
         claimed_at = CASE WHEN s.department = excluded.department THEN s.claimed_at END
), entry AS (
  INSERT INTO journal_journalentry (case_id, sequence, at, actor_kind, actor_id, actor_name, event,
         body, digest)
  SELECT %(case_id)s, r.sequence, %(at)s, %(actor_kind)s, %(actor_id)s, %(actor_name)s, r.event,
         r.body, decode(r.digest, 'hex')
    FROM jsonb_to_recordset(%(entries)s::jsonb) AS r(sequence int, event text, body text,
         digest text)
), message AS (
  INSERT INTO cases_messagerecord (case_id, sequence, kind, item, at)
  SELECT %(case_id)s, r.sequence, r.kind, r.item, %(at)s
    FROM jsonb_to_recordset(%(messages)s::jsonb) AS r(sequence int, kind text, item int)
), told AS (
  INSERT INTO outbox_outboxmessage (case_id, sequence, item, topic, department, created_at,
         next_at)
  SELECT %(case_id)s, r.sequence, r.item, r.topic, r.department, %(at)s, %(at)s
    FROM jsonb_to_recordset(%(outbox)s::jsonb) AS r(sequence int, item int, topic text,
         department text)
)
SELECT count(*) FROM the_case
"""

CREATE = """
INSERT INTO cases_jointcaserecord (id, case_number, person_id, applicant_id, district_id, channel,
       edition_id, edition_hash, state, since, submitted_at, open_count, item_count, is_provisional,
       next_actors, detail, sequence, head, receipt_id, receipt_secret)
VALUES (%(case_id)s, %(case_number)s, %(person_id)s, %(applicant_id)s, %(district)s, %(channel)s,
       %(edition_id)s, %(edition_hash)s, 'draft', %(at)s, %(at)s, 0, 0, false, '[]', '{}', 0,
       %(head)s, %(receipt_id)s, %(receipt_secret)s)
"""

RESULT_NUMBER = """
UPDATE cases_subcaserecord SET result_number = %(result)s
 WHERE case_id = %(case_id)s AND number = %(number)s
"""
