"""Two first moves of one part into one place, at once: neither fails on the other's stock item.

`ON CONFLICT` with a named index does not wait on the table's other unique index, the primary key, which here says the
same thing; the loser of the race got a unique violation. Now none is named, and the update follows as a statement.
"""

from alembic import op

revision, down_revision = "0010", "0009"

ENTERED = """
CREATE OR REPLACE FUNCTION stock_move_entered() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE place uuid;
BEGIN
    FOR place IN SELECT p FROM unnest(ARRAY[NEW.from_location_id, NEW.to_location_id]) AS p
                 WHERE p IS NOT NULL ORDER BY p LOOP
        INSERT INTO stock_items (org_id, id, location_id, part_id)
        VALUES (NEW.org_id, md5(place::text || NEW.part_id::text)::uuid, place, NEW.part_id)
        ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            UPDATE stock_items SET moves = moves + 1
            WHERE org_id = NEW.org_id AND location_id = place AND part_id = NEW.part_id;
        END IF;
    END LOOP;
    NEW.flagged_negative := NEW.from_location_id IS NOT NULL
        AND stock_balance(NEW.from_location_id, NEW.part_id) < NEW.quantity;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.execute(ENTERED)
