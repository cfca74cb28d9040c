import { newId } from '../ids';
import type { Copy } from './database';
import { overlay, refreshed, same } from './overlay';
import type { Change, Mutation, Outcome, Pushed, Queued, Stored } from './types';

export const BATCH = 100;
export const BATCH_BYTES = 256 * 1024;
const KEPT_SENT = 2_000;

/** Puts changes into the queue, all or none, and shows them at once. Returns the mutations' ids. */
export function enqueue(copy: Copy, changes: readonly Change[], at = new Date()): Promise<string[]> {
  return copy.atomically(async () => {
    const ids: string[] = [];
    for (const change of changes) ids.push(await enqueueOne(copy, change, at.toISOString()));
    return ids;
  });
}

async function enqueueOne(copy: Copy, change: Change, deviceAt: string): Promise<string> {
  const stored = await copy.rows.get([change.collection, change.rowId]);
  const queued = await waiting(copy, change.collection, change.rowId);
  const last = queued.at(-1);
  let id = last?.id ?? '';
  if (last && change.type === 'update' && absorbs(last)) {
    await copy.queue.put({ ...last, data: { ...last.data, ...change.data }, device_at: deviceAt });
  } else {
    const { seq } = await copy.note({ seq: (await copy.known()).seq + 1 });
    id = newId();
    await copy.queue.add({
      id,
      seq,
      collection: change.collection,
      row_id: change.rowId,
      type: change.type,
      ...(change.type === 'create' ? {} : { base_rev: stored?.server?.rev ?? 0 }),
      data: change.data,
      device_at: deviceAt,
      attempted: 0,
      held: 0,
    });
  }
  await refresh(copy, change.collection, change.rowId, stored);
  return id;
}

/** An edit joins the last one of the same row while that certainly never left this device. */
function absorbs(last: Queued): boolean {
  return !last.attempted && (last.type === 'update' || last.type === 'create');
}

/** The unsent mutations of a row, in their order. */
export function waiting(copy: Copy, collection: string, rowId: string): Promise<Queued[]> {
  return copy.queue.where('[collection+row_id]').equals([collection, rowId]).sortBy('seq');
}

/** Makes the visible form of a row anew; a row of which nothing is left goes. */
export async function refresh(copy: Copy, collection: string, id: string, known?: Stored): Promise<void> {
  const stored = known ?? (await copy.rows.get([collection, id]));
  const mutations = await waiting(copy, collection, id);
  const { epoch } = await copy.known();
  const blank: Stored = { collection, id, server: null, local: null, epoch, leaving: 0, links: [] };
  const next = refreshed(stored ?? blank, mutations);
  if (!next.server && !mutations.length) await copy.rows.delete([collection, id]);
  else await copy.rows.put(next);
}

/** The next mutations to send, marked as attempted. An edit waits for the answer to an earlier one of its row: the
 * answer says which revision it then builds on. */
export function nextBatch(copy: Copy, most = BATCH): Promise<Queued[]> {
  return copy.atomically(async () => {
    const batch: Queued[] = [];
    const rows = new Set<string>();
    let bytes = 0;
    for (const mutation of await copy.queue.orderBy('seq').limit(most).toArray()) {
      const row = `${mutation.collection} ${mutation.row_id}`;
      bytes += JSON.stringify(mutation.data).length + 300;
      const builds = mutation.type === 'update' || mutation.type === 'delete';
      if (batch.length && ((builds && rows.has(row)) || bytes > BATCH_BYTES)) break;
      rows.add(row);
      batch.push({ ...mutation, attempted: 1 });
    }
    await copy.queue.bulkPut(batch);
    return batch;
  });
}

/** The wire form of a queued mutation. */
export function onTheWire({ attempted: _attempted, held: _held, ...mutation }: Queued): Mutation {
  return mutation;
}

/** Takes note of what the server made of a batch: what is acknowledged leaves the queue, troubles are kept. */
export function settle(copy: Copy, batch: readonly Queued[], answer: Pushed, at = new Date()): Promise<void> {
  return copy.atomically(async () => {
    const results = new Map(answer.results.map((result) => [result.id, result]));
    for (const mutation of batch) {
      const result = results.get(mutation.id);
      if (!result || result.status === 'held' || mutation.seq > answer.acked_seq) {
        await copy.queue.update(mutation.seq, { held: result?.status === 'held' ? 1 : 0 });
        continue;
      }
      await settleOne(copy, mutation, result, at.toISOString());
    }
    if (answer.expected_seq !== undefined) await fillGap(copy, answer.expected_seq);
    await forgetOldSent(copy);
  });
}

async function settleOne(copy: Copy, mutation: Queued, result: Outcome, at: string): Promise<void> {
  const { collection, row_id: rowId } = mutation;
  const sent = onTheWire(mutation);
  const { status } = result;
  await copy.queue.delete(mutation.seq);
  await copy.sent.put(sent);
  if (status === 'conflict' || status === 'rejected') {
    const trouble = { conflictId: result.conflict_id ?? null, problem: result.problem ?? null };
    await copy.troubles.put({ id: mutation.id, at, status, mutation: sent, ...trouble });
  }
  const stored = await copy.rows.get([collection, rowId]);
  if (result.row) await rebase(copy, stored, sent, result);
  const { epoch } = await copy.known();
  const blank: Stored = { collection, id: rowId, server: null, local: null, epoch, leaving: 0, links: [] };
  const newer = result.row && (result.row.rev ?? 0) >= (stored?.server?.rev ?? 0) ? result.row : stored?.server;
  await refresh(copy, collection, rowId, { ...(stored ?? blank), epoch, server: newer ?? null });
}

/**
 * A later edit of the same row builds on the answer to the earlier one, unless the answer shows that somebody else
 * changed what it edits: then it keeps its base, and the server keeps both truths.
 */
async function rebase(copy: Copy, stored: Stored | undefined, sent: Mutation, result: Outcome): Promise<void> {
  const seen = overlay(stored?.server ?? null, [sent]);
  for (const later of await waiting(copy, sent.collection, sent.row_id)) {
    if (later.type !== 'update' && later.type !== 'delete') continue;
    const fields = later.type === 'delete' ? Object.keys(result.row!) : Object.keys(later.data);
    const untouched = fields.every((field) => field === 'rev' || same(seen?.[field], result.row![field]));
    const nobodyElse = sent.type === 'create' || result.status === 'applied';
    if (nobodyElse || untouched) await copy.queue.update(later.seq, { base_rev: result.rev ?? later.base_rev ?? 0 });
    return;
  }
}

/**
 * The server waits for a number that is not in the queue. It was restored from a backup, then what was sent since is
 * sent again; or this device lost it, then a placeholder says so, which the server keeps as a conflict for people to see.
 */
async function fillGap(copy: Copy, expected: number): Promise<void> {
  const first = await copy.queue.orderBy('seq').first();
  if (!first || expected >= first.seq) return;
  for (let seq = expected; seq < first.seq; seq++) {
    await copy.queue.put({ ...((await copy.sent.get(seq)) ?? lost(seq, first)), attempted: 1, held: 0 });
  }
}

/**
 * Compares notes with a server that has acknowledged everything up to `acked`. If it lacks what it once acknowledged
 * (restored from a backup), that is sent again. If it knows more than this device remembers (storage was lost), numbers
 * go on behind its own.
 */
export function compareNotes(copy: Copy, acked: number): Promise<void> {
  return copy.atomically(async () => {
    const forgotten = await copy.sent.where('seq').above(acked).toArray();
    const queued = await copy.queue.orderBy('seq').toArray();
    await copy.queue.bulkPut(forgotten.map((mutation) => ({ ...mutation, attempted: 1 as const, held: 0 as const })));
    for (const { collection, row_id } of forgotten) await refresh(copy, collection, row_id);
    const { seq } = await copy.known();
    const reused = queued.filter((mutation) => !mutation.attempted && mutation.seq <= acked);
    if (acked <= seq && !reused.length) return;
    const fresh = queued.filter((mutation) => !mutation.attempted);
    await copy.queue.bulkDelete(fresh.map((mutation) => mutation.seq));
    await copy.queue.bulkPut(fresh.map((mutation, place) => ({ ...mutation, seq: acked + 1 + place })));
    await copy.note({ seq: acked + fresh.length });
  });
}

/** Stands for a mutation that cannot be sent: the server rejects and keeps it, and the numbers go on. */
export function lost(seq: number, like: Mutation): Mutation {
  const { collection, row_id, device_at } = like;
  return { id: newId(), seq, collection, row_id, type: 'create', data: { lost: true }, device_at };
}

async function forgetOldSent(copy: Copy): Promise<void> {
  const surplus = (await copy.sent.count()) - KEPT_SENT;
  if (surplus > 0) await copy.sent.orderBy('seq').limit(surplus).delete();
}

/** A mutation that the server will not even read: it becomes a trouble, and a placeholder takes its number. */
export function giveUp(copy: Copy, mutation: Queued, problem: Record<string, unknown>, at = new Date()): Promise<void> {
  return copy.atomically(async () => {
    const sent = onTheWire(mutation);
    const trouble = { id: mutation.id, at: at.toISOString(), status: 'rejected' as const, mutation: sent };
    await copy.troubles.put({ ...trouble, conflictId: null, problem });
    await copy.queue.put({ ...lost(mutation.seq, mutation), attempted: 0, held: 0 });
    await refresh(copy, mutation.collection, mutation.row_id);
  });
}
