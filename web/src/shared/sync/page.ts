import type { Copy } from './database';
import { refreshed } from './overlay';
import type { Mutation, Page, Row, Stored } from './types';

/**
 * Takes a page in, with its cursor, all or nothing: whatever cuts in, the next pull goes on from the last whole page.
 * A replacement hides nothing while it is on its way; what it did not name goes when it is through.
 */
export function takeIn(copy: Copy, page: Page): Promise<void> {
  return copy.atomically(async () => {
    const before = await copy.known();
    const beginning = page.mode === 'replacement';
    const epoch = beginning ? before.epoch + 1 : before.epoch;
    const unsent = await unsentByRow(copy);
    const replacing = (beginning || before.replacing) && page.more;
    for (const [collection, { upserts, removed, leaving }] of Object.entries(page.changes)) {
      await put(copy, collection, upserts, epoch, unsent);
      await remove(copy, collection, removed, unsent);
      await announce(copy, collection, leaving);
    }
    if ((beginning || before.replacing) && !page.more) await dropUnnamed(copy, epoch, unsent);
    const readyAt = beginning ? null : before.readyAt;
    await copy.note({ cursor: page.cursor, epoch, replacing, readyAt, contactAt: page.server_time });
  });
}

type Unsent = Map<string, Mutation[]>;
const key = (collection: string, id: string) => `${collection} ${id}`;

async function unsentByRow(copy: Copy): Promise<Unsent> {
  const byRow: Unsent = new Map();
  for (const mutation of await copy.queue.orderBy('seq').toArray()) {
    const row = key(mutation.collection, mutation.row_id);
    byRow.set(row, [...(byRow.get(row) ?? []), mutation]);
  }
  return byRow;
}

async function put(copy: Copy, collection: string, rows: Row[], epoch: number, unsent: Unsent): Promise<void> {
  const known = await copy.rows.bulkGet(rows.map((row) => [collection, row.id] as [string, string]));
  const stored = rows.map((row, place): Stored => {
    const held = known[place]?.server ?? null;
    // An answer to a push may have brought a newer revision than a page that was on its way. Only within one
    // replacement: a server that was restored may have gone back.
    const newer = held && (held.rev ?? 0) > (row.rev ?? 0) && known[place]!.epoch === epoch;
    const server = newer ? held : row;
    const blank = { collection, id: row.id, server, local: null, epoch, leaving: 0 as const, links: [] };
    return refreshed(blank, unsent.get(key(collection, row.id)) ?? []);
  });
  await copy.rows.bulkPut(stored);
}

async function remove(copy: Copy, collection: string, ids: string[], unsent: Unsent): Promise<void> {
  for (const id of ids) await removeOne(copy, collection, id, unsent);
}

async function removeOne(copy: Copy, collection: string, id: string, unsent: Unsent): Promise<void> {
  const mutations = unsent.get(key(collection, id));
  const stored = await copy.rows.get([collection, id]);
  if (stored && mutations) await copy.rows.put(refreshed({ ...stored, server: null, leaving: stored.server ? 1 : 0 }, mutations));
  else await copy.rows.delete([collection, id]);
}

async function announce(copy: Copy, collection: string, ids: string[]): Promise<void> {
  const known = await copy.rows.bulkGet(ids.map((id) => [collection, id] as [string, string]));
  await copy.rows.bulkPut(known.flatMap((stored) => (stored ? [{ ...stored, leaving: 1 as const }] : [])));
}

async function dropUnnamed(copy: Copy, epoch: number, unsent: Unsent): Promise<void> {
  const old = await copy.rows.where('epoch').below(epoch).toArray();
  for (const { collection, id } of old) await removeOne(copy, collection, id, unsent);
  await copy.rows.where('epoch').below(epoch).modify({ epoch });
}
