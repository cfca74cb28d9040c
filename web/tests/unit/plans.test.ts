import { expect, test, vi } from 'vitest';

vi.hoisted(() => {
  vi.stubGlobal('location', { origin: 'http://server', pathname: '/', search: '' });
  vi.stubGlobal('addEventListener', () => undefined);
});
const { differences } = await import('../../src/console/plan/compare');
const { movedOf, changes } = await import('../../src/console/plan/moved');
const { nameOfPlan, stateOf, titled } = await import('../../src/console/plan/named');
const { ProblemError } = await import('../../src/shared/api');

type Plan = Parameters<typeof differences>[0];
const at = (hour: number) => `2026-03-02T${String(hour).padStart(2, '0')}:00:00Z`;

/** A plan in which each engineer goes to these visits, from nine on. */
const plan = (hands: Record<string, string[]>, left: string[] = []) =>
  ({
    routes: Object.entries(hands).map(([engineer_id, visits]) => ({ engineer_id, steps: [{ visit_id: null, start: at(8) }, ...visits.map((visit_id, n) => ({ visit_id, start: at(9 + n) }))] })),
    unassigned: left.map((visit_id) => ({ visit_id })),
  }) as unknown as Plan;

test('of two plans those visits are told that somebody else has, or nobody, or that are in one only', () => {
  const one = plan({ li: ['a', 'b'], wu: ['c'] }, ['d']);
  const other = plan({ li: ['b', 'a'], wu: ['d', 'e'] }, ['c']);
  expect(differences(one, other)).toEqual([
    { visit_id: 'd', here: null, there: { engineer_id: 'wu', start: at(9) } },
    { visit_id: 'c', here: { engineer_id: 'wu', start: at(9) }, there: null },
    { visit_id: 'e', here: undefined, there: { engineer_id: 'wu', start: at(10) } },
  ]);
  expect(differences(one, one)).toEqual([]);
});

test('a plan is called by whoever made it, a proposal by what it was proposed for', () => {
  const nobody = { engineer_id: null, engineer_name: null, visit_id: null, job_number: null };
  const made = { because: [], created_by_name: 'Chen', created_at: at(14) };
  expect([nameOfPlan(made), titled(made)]).toEqual(['Made by Chen', 'Made by Chen, Mar 2 14:00']);
  expect(nameOfPlan({ ...made, created_by_name: null })).toBe('Proposed');
  const because = [{ ...nobody, kind: 'absence', engineer_name: 'Li Wei' }, { ...nobody, kind: 'emergency', job_number: 'J-1' }];
  expect(nameOfPlan({ ...made, created_by_name: null, because: because as never })).toBe('After Li Wei’s absence; Because of J-1 (emergency)');
  expect(nameOfPlan({ ...made, because: [...because, ...because] as never })).toBe('After Li Wei’s absence; Because of J-1 (emergency); and 2 more');
});

test('two plans of one author in one minute are told apart by the second, and a part that is applied is said', () => {
  const [one, other] = ['2026-03-02T14:00:07Z', '2026-03-02T14:00:31Z'].map((created_at) => ({ because: [], created_by_name: 'Chen', created_at }));
  expect(titled(one!, [one!, other!])).toBe('Made by Chen, Mar 2 14:00:07');
  expect(titled(one!, [one!])).toBe('Made by Chen, Mar 2 14:00');
  const standing = [['done', null], ['done', at(15)], ['applied', at(15)]] as const;
  expect(standing.map(([status, applied_at]) => stateOf({ status, applied_at }))).toEqual(['ready', 'partly applied', 'applied']);
});

test('what has changed since a plan was made is told in words, a promised time once', () => {
  const was = { engineer_id: null, planned_start: null, window_start: at(8), window_end: at(10), duration_s: 1800, reach: 'free' };
  const now = { ...was, planned_start: at(12), window_start: at(11), window_end: at(13), duration_s: 3600, reach: 'working' };
  const said = changes({ visit_id: 'v', what: ['engineer_id', 'planned_start', 'window_start', 'window_end', 'duration_s', 'reach'], was, now });
  expect(said).toEqual(['now with nobody', 'now at Mar 2 12:00', 'now promised Mar 2 11:00–Mar 2 13:00', 'takes 60 min now, was 30 min', 'Working']);
  expect(changes({ visit_id: 'v', what: ['gone'] })).toEqual(['is not there any more']);
  expect(changes({ visit_id: 'v', what: ['gone'], status: 'cancelled' })).toEqual(['Cancelled']);
  expect(movedOf(new ProblemError(409, { type: '/problems/ground-moved', changed: [{ what: ['gone'] }] }))).toEqual([{ what: ['gone'] }]);
  expect(movedOf(new ProblemError(409, { type: '/problems/state-conflict' }))).toBeNull();
});
