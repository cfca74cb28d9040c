import { beforeEach, expect, test, vi } from 'vitest';
import type { Visit } from '../../src/console/data/shapes';

vi.hoisted(() => {
  vi.stubGlobal('location', { origin: 'http://server', pathname: '/', search: '?day=2026-03-02' });
  vi.stubGlobal('addEventListener', () => undefined);
});
const { lanes } = await import('../../src/console/board/rows');
const { now, shifts, visits } = await import('../../src/console/data/day');
const { really, span } = await import('../../src/console/data/really');
const { risks, shownJob, shownStatus } = await import('../../src/console/data/risk');

const at = (clock: string) => `2026-03-02T${clock}:00Z`;
const visit = (id: string, status: string, from: string, to: string, closes: string | null = null) =>
  ({ id, status, engineer_id: 'li', crew_id: null, territory_id: null, duration_s: 3600, planned_start: at(from), planned_end: at(to), window_start: null, window_end: closes && at(closes) }) as unknown as Visit;
const hours = (id: string, begun: boolean, from: string, to: string) => ({ visit_id: id, engineer_id: 'li', begun, start: at(from), end: at(to) });
const spell = (id: string) => span(visits.value.get(id)!).map((moment) => new Date(moment).toISOString().slice(11, 16));

/** A first visit from nine to ten and one behind it, at ten, as they are planned and as they really are. */
function day(first: string, clock: string, real: ReturnType<typeof hours>[], closes: string | null = null): void {
  now.value = Date.parse(at(clock));
  visits.value = new Map([visit('first', first, '09:00', '10:00'), visit('next', 'accepted', '10:00', '11:00', closes)].map((one) => [one.id, one]));
  really.value = new Map(real.map((one) => [one.visit_id, one]));
}

beforeEach(() => {
  shifts.value = [{ id: 's', engineer_id: 'li', starts_at: at('08:00'), ends_at: at('17:00') }] as never;
});

test('what finished early spans its real hours, and nothing is wrong with what comes next', () => {
  day('completed', '09:40', [hours('first', true, '08:50', '09:30'), hours('next', false, '10:00', '11:00')]);
  expect(spell('first')).toEqual(['08:50', '09:30']);
  expect(spell('next')).toEqual(['10:00', '11:00']);
  expect(risks.value.size).toBe(0);
});

test('what goes on runs from its real beginning to its expected end, and whoever waits behind it is told to be late', () => {
  day('working', '09:50', [hours('first', true, '09:20', '10:20'), hours('next', false, '10:35', '11:35')]);
  expect(spell('first')).toEqual(['09:20', '10:20']);
  expect(spell('next')).toEqual(['10:00', '11:00']);
  expect([...risks.value]).toEqual([['next', ['late']]]);
  expect(lanes([...visits.value.values()]).map(({ lane }) => lane)).toEqual([0, 1]);
});

test('a promise is in danger as soon as nobody is expected before it ends; work lasts too long by its own beginning', () => {
  day('working', '10:25', [hours('first', true, '09:20', '10:26'), hours('next', false, '10:40', '11:40')], '10:30');
  expect([...risks.value]).toEqual([['first', ['overrun']], ['next', ['overdue', 'window']]]);
});

test('while nothing is known but the plan, the plan counts', () => {
  day('working', '09:30', []);
  expect(spell('first')).toEqual(['09:00', '10:00']);
  expect(risks.value.size).toBe(0);
  visits.value = new Map([visit('first', 'accepted', '09:00', '10:15'), visit('next', 'accepted', '10:00', '11:00')].map((one) => [one.id, one]));
  expect([...risks.value]).toEqual([['first', ['overdue']], ['next', ['overlap']]]);
});

test('what nobody holds waits, whether or not somebody has had it before; its job waits with it until somebody holds a visit', () => {
  const [had, held] = ['had', 'held'].map((id) => ({ ...visit(id, 'scheduled', '09:00', '10:00'), job_id: 'job', engineer_id: id === 'held' ? 'li' : null }));
  expect([had, held].map((one) => shownStatus(one!))).toEqual(['draft', 'scheduled']);
  const job = { id: 'job', status: 'scheduled' } as const;
  expect(shownJob(job, [had!])).toBe('waiting');
  expect(shownJob(job, [{ ...had!, status: 'cancelled' }, had!])).toBe('waiting');
  expect(shownJob(job, [had!, held!])).toBe('scheduled');
  expect(shownJob({ id: 'job', status: 'on_hold' }, [had!])).toBe('on_hold');
  expect(shownJob({ id: 'job', status: 'open' }, [])).toBe('open');
});

test('what is planned outside its promise is at risk, whoever was made to do it, and on the way there, too', () => {
  [now.value, shifts.value, really.value] = [Date.parse(at('05:30')), [], new Map()];
  visits.value = new Map(['dispatched', 'accepted', 'en_route'].map((status) => [status, { ...visit(status, status, '17:40', '19:40', '12:00'), engineer_id: status }]));
  expect([...risks.value.values()]).toEqual([['window'], ['window'], ['window']]);
  really.value = new Map([['en_route', { ...hours('en_route', false, '10:00', '12:00'), visit_id: 'en_route' }]]);
  expect([...risks.value.keys()]).toEqual(['dispatched', 'accepted']);
});
