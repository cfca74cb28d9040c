import { expect, test, vi } from 'vitest';

vi.hoisted(() => {
  vi.stubGlobal('location', { origin: 'http://server', pathname: '/', search: '' });
  vi.stubGlobal('addEventListener', () => undefined);
});
const { placeOf } = await import('../../src/console/panel/proposed');

const START = '2026-03-02T09:00:00Z';
const alerts = [{ plan_id: null, created_at: '3' }, { plan_id: 'new', created_at: '2' }, { plan_id: 'old', created_at: '1' }];

function server(plan: object): void {
  vi.stubGlobal('fetch', async ({ url }: Request) => Response.json(url.includes('/alerts?') ? { items: alerts } : { id: url.split('/').pop(), date: '2026-03-02', status: 'done', ...plan }));
}

test('the newest proposal that was made because of a visit tells where it puts it, unless it is none any more', async () => {
  const routes = [{ engineer_id: 'li', steps: [{ visit_id: 'other', start: START }] }, { engineer_id: 'wang', steps: [{ visit_id: 'v', start: START }] }];
  server({ routes });
  expect(await placeOf('v')).toEqual({ plan_id: 'new', date: '2026-03-02', engineer_id: 'wang', start: START });
  server({ routes, status: 'applied' });
  expect(await placeOf('v')).toBeNull();
  server({ routes: null });
  expect(await placeOf('v')).toBeNull();
});
