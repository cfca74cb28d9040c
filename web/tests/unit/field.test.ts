import { describe, expect, test } from 'vitest';
import { amount } from '../../src/field/amounts';
import { type Visit, type World, emptyWorld } from '../../src/field/data/rows';
import { hint } from '../../src/field/fence';
import { labelIn, plain, reportOf } from '../../src/field/report';
import { canonical, sha256 } from '../../src/field/sign/canonical';
import { type SignOff, claimsOf, newKey, publicJwk, seal } from '../../src/field/sign/envelope';
import { sketch } from '../../src/field/sketch';
import { missing, nextStep, otherSteps } from '../../src/field/steps';
import { following, grouped } from '../../src/field/today';

const NOW = new Date('2026-03-02T09:00:00Z');

function visit(changes: Partial<Visit> = {}): Visit {
  return {
    id: 'v1', rev: 3, job_id: 'j1', engineer_id: 'e1', status: 'dispatched', window_start: '2026-03-02T10:00:00Z',
    window_end: '2026-03-02T12:00:00Z', planned_start: '2026-03-02T10:30:00Z', planned_end: null, sequence: 1,
    instructions: null, follow_up_of: null, cancel_reason: null, abort_asked_at: null, abort_reason: null,
    offer_expires_at: null, ...changes,
  };
}

/** A world with one visit, its job, its site, and what `more` adds. */
function worldOf(mine: Visit, more: Record<string, object[]> = {}): World {
  const rows: Record<string, object[]> = {
    visits: [mine],
    jobs: [{ id: 'j1', rev: 1, number: 'J-2026-000001', job_type_id: 't1', account_id: null, site_id: 's1', asset_id: null, contact_id: null, priority: 1, summary: 'No heating', description: null, due_at: null }],
    sites: [{ id: 's1', rev: 1, account_id: null, name: 'Depot', address: 'Quay 1', access_notes: null, location: null, geofence_m: 100, timezone: 'Europe/Vienna' }],
    job_types: [{ id: 't1', rev: 1, name: 'Repair', requires_signature: true, required_photos: 1 }],
    ...more,
  };
  const world = emptyWorld() as unknown as Record<string, Map<string, object>>;
  for (const [name, list] of Object.entries(rows)) for (const row of list) world[name]!.set((row as { id: string }).id, row);
  return world as unknown as World;
}

describe('the next action', () => {
  test('leads onwards from each state, and nowhere from the last', () => {
    const ways = ['dispatched', 'accepted', 'en_route', 'on_site', 'working', 'paused', 'completed', 'cancelled'];
    expect(ways.map((status) => nextStep(visit({ status }))?.to)).toEqual([
      'accepted', 'en_route', 'on_site', 'working', 'completed', 'working', undefined, undefined,
    ]);
  });

  test('is to stop when the office has asked for it', () => {
    expect(nextStep(visit({ status: 'working', abort_asked_at: NOW.toISOString() }))?.to).toBe('aborted');
    expect(otherSteps(visit({ status: 'working' })).map(({ to }) => to)).toEqual(['paused', 'cannot_complete']);
  });

  test('waits for the checklist, the photos and the signature, and for nothing else', () => {
    const item = { id: 'i1', rev: 1, visit_id: 'v1', position: 1, key: null, label: 'Tight', kind: 'bool', required: true, at_status: 'completed', options: [] };
    const mine = visit({ status: 'working' });
    const step = nextStep(mine)!;
    const bare = worldOf(mine, { checklist_items: [item] });
    expect(missing(bare, mine, step).map(({ guard }) => guard)).toEqual(['checklist', 'photos', 'signature']);
    const done = worldOf(mine, {
      checklist_items: [item],
      checklist_answers: [{ id: 'a1', rev: null, visit_id: 'v1', item_id: 'i1', value: false }],
      media: [{ id: 'm1', rev: null, visit_id: 'v1', item_id: null, kind: 'photo', state: 'awaiting' }],
      signatures: [{ id: 'g1', rev: null, visit_id: 'v1' }],
    });
    expect(missing(done, mine, step)).toEqual([]);
  });
});

describe('the list', () => {
  test('tells what is under way from what is due, late, later and done', () => {
    const rows = [
      visit({ id: 'later', planned_start: '2026-03-04T10:00:00Z' }),
      visit({ id: 'done', status: 'completed' }),
      visit({ id: 'late', planned_start: '2026-03-01T10:00:00Z' }),
      visit({ id: 'now', status: 'working', planned_start: '2026-03-01T10:00:00Z' }),
      visit({ id: 'today' }),
    ];
    const groups = [...grouped(worldOf(visit(), { visits: rows }), NOW)].map(([group, visits]) => [group, visits[0]!.id]);
    expect(Object.fromEntries(groups)).toEqual({ later: 'later', over: 'done', earlier: 'late', now: 'now', today: 'today' });
    expect(following(worldOf(visit(), { visits: rows }), NOW)?.id).toBe('now');
    expect(following(worldOf(visit(), { visits: rows.filter(({ id }) => id !== 'now') }), NOW)?.id).toBe('today');
    expect(following(worldOf(visit(), { visits: rows.filter(({ status, id }) => status === 'completed' || id === 'later') }), NOW)).toBeNull();
  });
});

describe('the report', () => {
  const about = { language: 'zh-CN', organisation: 'Demo', zone: 'UTC', own: { on_site: '2026-03-02T10:31:00.000Z' } } as const;

  test('says what this phone holds, in the customer’s language', () => {
    const mine = visit({ status: 'working' });
    const world = worldOf(mine, {
      checklist_items: [{ id: 'i1', rev: 1, visit_id: 'v1', position: 1, key: null, label: { en: 'Bar', zh: '压力' }, kind: 'number', required: true, at_status: 'completed', options: [] }],
      checklist_answers: [
        { id: 'a1', rev: null, visit_id: 'v1', item_id: 'i1', value: 1, device_at: '2026-03-02T10:40:00Z' },
        { id: 'a2', rev: null, visit_id: 'v1', item_id: 'i1', value: 2.5, device_at: '2026-03-02T10:50:00Z' },
      ],
      notes: [
        { id: 'n1', rev: null, job_id: 'j1', visit_id: 'v1', body: 'for all', internal: false },
        { id: 'n2', rev: null, job_id: 'j1', visit_id: 'v1', body: 'for us', internal: true },
      ],
    });
    const report = reportOf(world, mine, about);
    expect(report).toMatchObject({ language: 'zh', time_zone: 'Europe/Vienna', work_done: 'for all', account: { name: 'Depot' } });
    expect(report.checklist).toEqual([{ id: 'i1', label: '压力', answer: '2.5' }]);
    expect(report.times.arrived_at).toBe('2026-03-02T10:31:00.000Z');
  });

  test('spells quantities and labels plainly', () => {
    expect(['1.000', '0.50', '10', '2.5'].map(plain)).toEqual(['1', '0.5', '10', '2.5']);
    expect([labelIn({ en: 'A', zh: '甲' }, 'zh-CN'), labelIn({ en: 'A' }, 'zh-CN'), labelIn('B', 'en')]).toEqual(['甲', 'A', 'B']);
  });
});

describe('the envelope', () => {
  const made: SignOff = {
    visit: { id: 'v1', rev: 4 }, deviceId: 'd1', document: canonical({ b: 1, a: 'ä' }), photos: [],
    signer: { name: '王小明', role: 'customer' }, consent: 'I agree.', serverTime: null, after: { seq: 0, sha256: null },
    given: { strokes: [{ points: [{ x: 1.23456, y: 2, time: 10.4, pressure: 0.5 }] }] },
  };

  test('proves what was signed, with a key that cannot be taken out', async () => {
    const key = await newKey();
    const { data } = await seal('s1', made, key);
    const [head, payload, signature] = data.envelope.split('.');
    const raw = Uint8Array.from(Buffer.from(signature!, 'base64url'));
    const signed = new TextEncoder().encode(`${head}.${payload}`);
    expect(await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key.publicKey, raw, signed)).toBe(true);
    const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString());
    expect(claims).toMatchObject({ seq: 1, prev: null, outcome: 'signed', doc_sha256: await sha256(data.document) });
    expect(claims.strokes_sha256).toBe(await sha256(canonical(data.strokes)));
    expect(data.strokes).toEqual([{ points: [{ x: 1.23, y: 2, time: 10, pressure: 0.5 }] }]);
    expect(claimsOf(data.envelope).signer.name).toBe('王小明');
    await expect(crypto.subtle.exportKey('jwk', key.privateKey)).rejects.toThrow();
    expect(await publicJwk(key)).toMatchObject({ kty: 'EC', crv: 'P-256' });
  });

  test('follows the one before, and says why nobody signed', async () => {
    const key = await newKey();
    const first = await seal('s1', made, key);
    const second = await seal('s2', { ...made, after: first.link, given: { refusal: 'Not at home' } }, key);
    const claims = JSON.parse(Buffer.from(second.data.envelope.split('.')[1]!, 'base64url').toString());
    expect(claims).toMatchObject({ seq: 2, prev: await sha256(first.data.envelope), outcome: 'refused', reason: 'Not at home', strokes_sha256: null });
    expect(second.data.strokes).toBeNull();
  });
});

describe('what the phone\'s own place suggests', () => {
  const away = (metres: number, doubt: number) => ({ metres, doubt });

  test('is to have arrived within the fence, and nothing while that is not sure', () => {
    expect(hint('en_route', away(80, 30), 100)).toBe('arrived');
    expect(hint('en_route', away(130, 30), 100)).toBeNull();
    expect(hint('en_route', away(80, 500), 100)).toBeNull();
    expect(hint('en_route', away(80, 20), 0)).toBe('arrived');
    expect(hint('en_route', null, 100)).toBeNull();
  });

  test('is to have left only where the doubt does not reach the fence', () => {
    expect(hint('working', away(250, 20), 100)).toBe('left');
    expect(hint('working', away(250, 180), 100)).toBeNull();
    expect(hint('paused', away(900, 5), 100)).toBeNull();
  });

  test('asks how that comes only when it is far off beyond doubt', () => {
    expect(hint('en_route', away(2_000, 50), 100)).toBe('elsewhere');
    expect(hint('en_route', away(450, 100), 100)).toBeNull();
    expect(hint('accepted', away(2_000, 50), 100)).toBeNull();
  });
});

describe('the map of the day', () => {
  const at = (lon: number, lat: number) => ({ type: 'Point' as const, coordinates: [lon, lat] as [number, number] });

  test('north is up, east is right, everything is on the sheet, and the bar tells the truth', () => {
    const { at: places, bar } = sketch([at(121.4, 31.2), at(121.5, 31.2), at(121.45, 31.3)], 288, 260, 36);
    const [west, east, north] = places as [{ x: number; y: number }, { x: number; y: number }, { x: number; y: number }];
    expect(west.x).toBeLessThan(east.x);
    expect(west.y).toBeCloseTo(east.y);
    expect(north.y).toBeLessThan(west.y);
    for (const { x, y } of places) expect(x >= 36 && x <= 252 && y >= 35.9 && y <= 224.1).toBe(true);
    const metres = 0.1 * 111_195 * Math.cos((31.2 * Math.PI) / 180);
    expect(bar.length / bar.metres).toBeCloseTo((east.x - west.x) / metres, 6);
    expect([1, 2, 5].map(String)).toContain(String(bar.metres)[0]);
  });

  test('one place lies in the middle, and a day across the date line is no day around the world', () => {
    expect(sketch([at(10, 50)], 288, 260, 36).at).toEqual([{ x: 144, y: 130 }]);
    const { at: places } = sketch([at(179.99, 10), at(-179.99, 10)], 288, 260, 36);
    expect(places[0]!.x).toBeLessThan(places[1]!.x);
    expect(sketch([at(179.99, 10), at(-179.99, 10)], 288, 260, 36).bar.metres).toBeLessThan(2_000);
  });
});

test('an amount is written with point or comma, to the thousandth, and never nothing', () => {
  expect(['3', '0,8', ' 12.5 ', '0.125'].map(amount)).toEqual([3, 0.8, 12.5, 0.125]);
  expect(['', '0', '-1', '1e3', '0.0001', 'two', '1.2.3'].map(amount)).toEqual([null, null, null, null, null, null, null]);
});
