import { beforeEach, expect, test, vi } from 'vitest';
import type { Visit } from '../../src/console/data/shapes';

vi.hoisted(() => {
  vi.stubGlobal('location', { origin: 'http://server', pathname: '/', search: '' });
  vi.stubGlobal('addEventListener', () => undefined);
});
const { give } = await import('../../src/console/data/assigning');
const { merge } = await import('../../src/console/data/day');
const { overtaken } = await import('../../src/console/data/overtaken');
const { toasts } = await import('../../src/console/data/toasts');

const START = '2026-03-02T09:00:00Z';
const seen = { id: 'v', rev: 1, job_number: 'J-1', status: 'scheduled', engineer_id: null, crew_id: null, planned_start: null, window_start: null, window_end: null, updated_at: START } as unknown as Visit;
const held = (engineer_id: string, rev: number) => ({ ...seen, engineer_id, planned_start: START, rev, warnings: [] });
const stale = () => new Response('{"type":"/problems/stale-revision"}', { status: 412, headers: { 'Content-Type': 'application/problem+json' } });
const wish = { visit: seen, engineer_id: 'li', start: START };
let row: Visit & { warnings?: unknown };
let lost: boolean;

beforeEach(() => {
  [row, lost, toasts.value, overtaken.value] = [seen, false, [], null];
  vi.stubGlobal('fetch', async (request: Request) => {
    if (request.url.includes('visit-events')) return Response.json({ items: [{ user_id: 'u', received_at: START }] });
    if (request.url.includes('/users/')) return Response.json({ name: 'Dina' });
    if (request.method === 'GET') return Response.json(row);
    if (request.headers.get('If-Match') !== `"${row.rev}"`) return stale();
    row = held((await request.json()).engineer_id, row.rev + 1);
    if (lost) throw new TypeError('the line broke');
    return Response.json(row);
  });
});

test('what a colleague gave to somebody else is asked about and not overwritten', async () => {
  row = held('wang', 2);
  expect(await give(wish)).toBe(false);
  expect(row.engineer_id).toBe('wang');
  expect([overtaken.value?.how, overtaken.value?.who]).toEqual(['given', 'Dina']);
});

test('a change of something else does not stand in the way', async () => {
  row = { ...seen, rev: 5 };
  expect(await give(wish)).toBe(true);
  expect(row.engineer_id).toBe('li');
});

test('when the news says that it was given after all, that is told with the way back', async () => {
  lost = true;
  merge([{ ...seen, id: 'v' }]);
  expect(await give({ ...wish, visit: { ...seen, rev: row.rev } })).toBe(false);
  merge([{ ...row, rev: 100 }]);
  await vi.waitFor(() => expect(toasts.value.map((one) => [one.kind, Boolean(one.undo)])).toEqual([['good', true]]));
});
