import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '@shared/ids';
import { Copy } from '@shared/sync/database';
import { takeIn } from '@shared/sync/page';
import { BATCH, compareNotes, enqueue, giveUp, nextBatch, settle } from '@shared/sync/queue';
import type { Change, Outcome, Page, Row } from '@shared/sync/types';

let copy: Copy;
beforeEach(() => {
  copy = new Copy(newId());
});
afterEach(() => copy.delete());

const note = (id: string, rev: number, body = 'text', more = {}): Row => ({ id, rev, body, job_id: 'job', ...more });

function page(upserts: Row[], more: Partial<Page> & { removed?: string[]; leaving?: string[] } = {}): Page {
  const { removed = [], leaving = [], ...rest } = more;
  const changes = { notes: { upserts, removed, leaving } };
  return { mode: 'delta', changes, cursor: 1, more: false, server_time: '2026-03-01T08:00:00.000Z', ...rest };
}

const edit = (rowId: string, data: object): Change => ({ collection: 'notes', rowId, type: 'update', data: { ...data } });
const made = (rowId: string, data: object): Change => ({ ...edit(rowId, data), type: 'create' });
const step = (rowId: string, to: string): Change => ({ collection: 'visits', rowId, type: 'transition', data: { to } });
const shown = async (id: string, collection = 'notes') => (await copy.rows.get([collection, id]))?.local ?? null;
const queued = () => copy.queue.orderBy('seq').toArray();
const ids = async () => (await copy.rows.toArray()).map(({ id }) => id).sort();

/** The server acknowledges a batch; `change` says what it makes of each. */
async function acknowledge(change: (place: number) => Partial<Outcome> = () => ({}), most = BATCH) {
  const batch = await nextBatch(copy, most);
  const results = batch.map(({ id, seq }, place): Outcome => ({ id, seq, status: 'applied', ...change(place) }));
  await settle(copy, batch, { results, acked_seq: batch.at(-1)?.seq ?? 0 });
  return batch;
}

describe('a page', () => {
  test('is taken in with its cursor, and children are found by their parent', async () => {
    await takeIn(copy, page([note('a', 1)], { cursor: 77 }));
    expect((await copy.known()).cursor).toBe(77);
    expect((await copy.rows.where('links').equals('notes.job_id=job').toArray()).map(({ id }) => id)).toEqual(['a']);
  });

  test('that cannot be stored whole leaves the cursor where it was', async () => {
    await takeIn(copy, page([note('a', 1)], { cursor: 5 }));
    const broken = page([note('b', 1), { id: undefined } as unknown as Row], { cursor: 6 });
    await expect(takeIn(copy, broken)).rejects.toThrow();
    expect(await ids()).toEqual(['a']);
    expect((await copy.known()).cursor).toBe(5);
  });

  test('never hides an unsent change', async () => {
    await takeIn(copy, page([note('a', 1)]));
    await enqueue(copy, [edit('a', { body: 'mine' })]);
    await takeIn(copy, page([note('a', 2, 'theirs', { internal: true })]));
    expect(await shown('a')).toMatchObject({ body: 'mine', internal: true, rev: 2 });
    expect((await queued())[0]!.base_rev).toBe(1);
  });

  test('takes a row away, but never what is unsent about it', async () => {
    await takeIn(copy, page([note('a', 1), note('b', 1)]));
    await enqueue(copy, [edit('a', { body: 'mine' })]);
    await takeIn(copy, page([], { removed: ['a', 'b'] }));
    expect(await shown('a')).toBeNull();
    expect(await shown('b')).toBeNull();
    expect((await queued())[0]).toMatchObject({ row_id: 'a', data: { body: 'mine' } });
  });

  test('announces what will leave', async () => {
    await takeIn(copy, page([note('a', 1)]));
    await takeIn(copy, page([], { leaving: ['a', 'unknown'] }));
    expect((await copy.rows.get(['notes', 'a']))!.leaving).toBe(1);
  });

  test('older than an answer to a push changes nothing', async () => {
    await takeIn(copy, page([note('a', 1)]));
    await enqueue(copy, [edit('a', { body: 'mine' })]);
    await acknowledge(() => ({ rev: 3, row: note('a', 3, 'mine') }));
    await takeIn(copy, page([note('a', 2, 'on its way')]));
    expect(await shown('a')).toMatchObject({ body: 'mine', rev: 3 });
  });
});

describe('a replacement', () => {
  beforeEach(() => takeIn(copy, page([note('old', 4), note('kept', 9), note('edited', 1)], { cursor: 5 })));

  test('drops what it did not name, but only when it is through', async () => {
    await takeIn(copy, page([note('kept', 2)], { mode: 'replacement', more: true, cursor: 10 }));
    expect(await ids()).toEqual(['edited', 'kept', 'old']);
    await takeIn(copy, page([note('new', 1)], { cursor: 11 }));
    expect(await ids()).toEqual(['kept', 'new']);
    expect((await shown('kept'))!.rev).toBe(2); // of a restored server, which has gone back
  });

  test('that is cut off begins again, and ends the same', async () => {
    await takeIn(copy, page([note('ghost', 1)], { mode: 'replacement', more: true, cursor: 10 }));
    await takeIn(copy, page([note('kept', 2)], { mode: 'replacement', more: true, cursor: 20 }));
    await takeIn(copy, page([], { cursor: 21 }));
    expect(await ids()).toEqual(['kept']);
  });

  test('keeps unsent changes, and what was made here', async () => {
    await enqueue(copy, [edit('edited', { body: 'mine' }), made('mine', { body: 'made here' })]);
    await takeIn(copy, page([], { mode: 'replacement', cursor: 10 }));
    expect(await queued()).toHaveLength(2);
    expect(await shown('mine')).toMatchObject({ body: 'made here', rev: null });
    expect((await copy.rows.get(['notes', 'mine']))!.leaving).toBe(0);
    expect(await shown('old')).toBeNull();
  });
});

describe('the queue', () => {
  beforeEach(() => takeIn(copy, page([note('a', 4)])));

  test('shows a change at once and numbers it', async () => {
    await enqueue(copy, [edit('a', { body: 'one' }), made('b', { body: 'two', job_id: 'job' })]);
    expect(await shown('a')).toMatchObject({ body: 'one', rev: 4 });
    expect(await shown('b')).toMatchObject({ body: 'two', rev: null });
    expect((await queued()).map(({ seq, base_rev }) => [seq, base_rev])).toEqual([[1, 4], [2, undefined]]);
  });

  test('takes all changes of one deed, or none', async () => {
    const poison = { collection: 'notes', rowId: 'c', type: 'create', data: { f: () => 0 } } as unknown as Change;
    await expect(enqueue(copy, [edit('a', { body: 'one' }), poison])).rejects.toThrow();
    expect(await queued()).toEqual([]);
    expect(await shown('a')).toMatchObject({ body: 'text' });
  });

  test('joins quick edits of a row while they certainly never left', async () => {
    await enqueue(copy, [edit('a', { body: 'one' })]);
    await enqueue(copy, [edit('a', { body: 'two', internal: true })]);
    expect(await queued()).toMatchObject([{ seq: 1, data: { body: 'two', internal: true } }]);
    await nextBatch(copy);
    await enqueue(copy, [edit('a', { body: 'three' })]);
    expect((await queued()).map(({ data }) => data.body)).toEqual(['two', 'three']);
  });

  test('lets a second edit of a row build on the answer to the first', async () => {
    await enqueue(copy, [edit('a', { body: 'one' })]);
    await nextBatch(copy);
    await enqueue(copy, [edit('a', { body: 'two' })]);
    expect(await acknowledge(() => ({ rev: 5, row: note('a', 5, 'one') }))).toHaveLength(1);
    expect(await queued()).toMatchObject([{ seq: 2, base_rev: 5, data: { body: 'two' } }]);
    expect(await shown('a')).toMatchObject({ body: 'two', rev: 5 });
  });

  test('keeps the old base where somebody else changed the same field meanwhile', async () => {
    await enqueue(copy, [edit('a', { internal: true })]);
    await nextBatch(copy);
    await enqueue(copy, [edit('a', { body: 'mine' })]);
    await acknowledge(() => ({ status: 'merged', rev: 6, row: note('a', 6, 'theirs', { internal: true }) }));
    expect((await queued())[0]!.base_rev).toBe(4);
  });

  test('sends an edit of a new row only when the row is there', async () => {
    await enqueue(copy, [made('b', { body: 'one' })]);
    await nextBatch(copy);
    await enqueue(copy, [edit('b', { body: 'two' })]);
    expect(await acknowledge(() => ({ rev: 1, row: note('b', 1, 'one') }))).toHaveLength(1);
    expect((await nextBatch(copy))[0]).toMatchObject({ type: 'update', base_rev: 1 });
  });

  test('sends the steps of a visit in one batch', async () => {
    await takeIn(copy, { ...page([]), changes: { visits: { upserts: [{ id: 'v', rev: 2, status: 'dispatched' }], removed: [], leaving: [] } } });
    await enqueue(copy, ['accepted', 'en_route', 'on_site'].map((to) => step('v', to)));
    expect(await shown('v', 'visits')).toMatchObject({ status: 'on_site' });
    expect(await nextBatch(copy)).toHaveLength(3);
  });

  test('shows a declined visit as what becomes of it', async () => {
    await takeIn(copy, { ...page([]), changes: { visits: { upserts: [{ id: 'v', rev: 2, status: 'dispatched' }], removed: [], leaving: [] } } });
    await enqueue(copy, [step('v', 'rejected')]);
    expect(await shown('v', 'visits')).toMatchObject({ status: 'scheduled' });
  });

  test('keeps what the server did not apply, with the words', async () => {
    await enqueue(copy, [edit('a', { body: 'mine' }), made('b', { body: 'bad' })]);
    await acknowledge((place) =>
      place ? { status: 'rejected', problem: { title: 'No' } } : { status: 'conflict', rev: 5, row: note('a', 5, 'theirs'), conflict_id: 'c1' },
    );
    expect(await queued()).toEqual([]);
    expect(await shown('a')).toMatchObject({ body: 'theirs' });
    expect(await shown('b')).toBeNull();
    const troubles = await copy.troubles.toArray();
    expect(troubles.map(({ status, mutation }) => [status, mutation.data.body]).sort()).toEqual([['conflict', 'mine'], ['rejected', 'bad']]);
  });

  test('puts a placeholder in the place of what the server will not even read', async () => {
    await enqueue(copy, [made('b', { body: 'x'.repeat(1000) }), edit('a', { body: 'fine' })]);
    const [first] = await nextBatch(copy, 1);
    await giveUp(copy, first!, { title: 'Too large' });
    expect((await queued()).map(({ seq, data }) => [seq, Object.keys(data)[0]])).toEqual([[1, 'lost'], [2, 'body']]);
    expect((await copy.troubles.toArray())[0]!.mutation.data.body).toHaveLength(1000);
  });
});

describe('a gap', () => {
  test('is filled with what was sent once, when the server has forgotten it', async () => {
    await takeIn(copy, page([note('a', 1)]));
    await enqueue(copy, [edit('a', { body: 'one' })]);
    await acknowledge(() => ({ rev: 2, row: note('a', 2, 'one') }));
    await enqueue(copy, [edit('a', { body: 'two' })]);
    const [second] = await nextBatch(copy);
    const held: Outcome = { id: second!.id, seq: 2, status: 'held' };
    await settle(copy, [second!], { results: [held], acked_seq: 0, expected_seq: 1 });
    expect((await queued()).map(({ seq, data, held: waits }) => [seq, data.body, waits])).toEqual([[1, 'one', 0], [2, 'two', 1]]);
  });

  test('of which nothing is known is filled with a placeholder', async () => {
    await copy.note({ seq: 6 });
    await enqueue(copy, [made('b', { body: 'seventh' })]);
    const [seventh] = await nextBatch(copy);
    await settle(copy, [seventh!], { results: [{ id: seventh!.id, seq: 7, status: 'held' }], acked_seq: 5, expected_seq: 6 });
    expect((await queued()).map(({ seq, data }) => [seq, data])).toEqual([[6, { lost: true }], [7, { body: 'seventh' }]]);
  });

  test('is found by comparing notes with a restored server', async () => {
    await enqueue(copy, [made('b', { body: 'one' }), made('c', { body: 'two' })]);
    await acknowledge();
    await compareNotes(copy, 1);
    expect((await queued()).map(({ seq, data }) => [seq, data.body])).toEqual([[2, 'two']]);
    expect(await shown('c')).toMatchObject({ body: 'two' });
  });

  test.each([1, 2, 40])('does not come up when this device has lost its memory of %i numbers', async (acked) => {
    await enqueue(copy, [made('b', { body: 'one' }), made('c', { body: 'two' })]);
    await compareNotes(copy, acked);
    expect((await queued()).map(({ seq, data }) => [seq - acked, data.body])).toEqual([[1, 'one'], [2, 'two']]);
    await enqueue(copy, [made('d', { body: 'three' })]);
    expect((await queued()).at(-1)!.seq).toBe(acked + 3);
  });

  test('is not seen where only an answer was lost', async () => {
    await enqueue(copy, [made('b', { body: 'one' })]);
    await nextBatch(copy);
    await enqueue(copy, [made('c', { body: 'two' })]);
    await compareNotes(copy, 1);
    expect((await queued()).map(({ seq }) => seq)).toEqual([1, 2]);
  });
});
