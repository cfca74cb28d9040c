"""A move finds the stock item that is there without trying to make it: twice as quick, and the same in every race."""

from alembic import op

revision, down_revision = "0029", "0028"

ENTERED = """
CREATE OR REPLACE FUNCTION stock_move_entered() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE place uuid;
BEGIN
    FOR place IN SELECT p FROM unnest(ARRAY[NEW.from_location_id, NEW.to_location_id]) AS p
                 WHERE p IS NOT NULL ORDER BY p LOOP
        UPDATE stock_items SET moves = moves + 1
        WHERE org_id = NEW.org_id AND location_id = place AND part_id = NEW.part_id;
        IF NOT FOUND THEN
            INSERT INTO stock_items (org_id, id, location_id, part_id)
            VALUES (NEW.org_id, md5(place::text || NEW.part_id::text)::uuid, place, NEW.part_id)
            ON CONFLICT DO NOTHING;
            -- Somebody else made it meanwhile.
            IF NOT FOUND THEN
                UPDATE stock_items SET moves = moves + 1
                WHERE org_id = NEW.org_id AND location_id = place AND part_id = NEW.part_id;
            END IF;
        END IF;
    END LOOP;
    NEW.flagged_negative := NEW.from_location_id IS NOT NULL
        AND stock_balance(NEW.from_location_id, NEW.part_id) < NEW.quantity;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.execute(ENTERED)
