"""Triggers that a backup can bring back: what did not change is noticed inside the function, not by a WHEN clause.

PostgreSQL refuses `WHEN (OLD.* IS DISTINCT FROM NEW.*)` on a table with a generated column, which is the order in
which a dump makes the two. In the function NEW has no value yet for the generated column (`search`, of `text_lookup`):
it is given the old one, which PostgreSQL overwrites.
"""

from alembic import op

revision, down_revision = "0011", "0010"

FUNCTIONS = [
    """
    CREATE OR REPLACE FUNCTION row_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM pg_attribute
                   WHERE attrelid = TG_RELID AND attname = 'search' AND attgenerated = 's') THEN
            NEW.search := OLD.search;
        END IF;
        IF NEW IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
        NEW.rev := OLD.rev + 1;
        NEW.updated_at := clock_timestamp();
        RETURN NEW;
    END $$
    """,
    """
    CREATE OR REPLACE FUNCTION row_changed_fields() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM pg_attribute
                   WHERE attrelid = TG_RELID AND attname = 'search' AND attgenerated = 's') THEN
            NEW.search := OLD.search;
        END IF;
        IF NEW IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
        NEW.rev := OLD.rev + 1;
        NEW.updated_at := clock_timestamp();
        NEW.field_revs := OLD.field_revs || coalesce((
            SELECT jsonb_object_agg(n.key, NEW.rev)
            FROM jsonb_each(to_jsonb(NEW) - '{rev,updated_at,created_at,field_revs,search}'::text[]) AS n
            JOIN jsonb_each(to_jsonb(OLD)) AS o USING (key)
            WHERE n.value IS DISTINCT FROM o.value), '{}');
        RETURN NEW;
    END $$
    """,
]
TRIGGERS = """
DO $$
DECLARE made record;
BEGIN
    FOR made IN SELECT tgrelid::regclass AS place, tgfoid::regproc AS function FROM pg_trigger
                WHERE tgname = 'row_changed' AND tgqual IS NOT NULL LOOP
        EXECUTE format('DROP TRIGGER row_changed ON %s', made.place);
        EXECUTE format('CREATE TRIGGER row_changed BEFORE UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION %s()',
                       made.place, made.function);
    END LOOP;
END $$
"""


def upgrade() -> None:
    for statement in [*FUNCTIONS, TRIGGERS]:
        op.execute(statement)
