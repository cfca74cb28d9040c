import { computed } from '@preact/signals';
import { NIGHT_MS, dayBegins, dayEnds, legs, now, shifts, territory, visits } from './day';
import { really, span } from './really';
import type { Job, Visit } from './shapes';
import { ms } from './time';

export const RISKS = ['missed', 'overdue', 'overlap', 'travel', 'late', 'window', 'overrun', 'closing', 'undone'] as const;
/**
 * What endangers a visit; `late` says that what goes on before it lasts too long, `closing` only says that little time is left to find somebody, and `undone` that it is too
 * late: it has not begun, and what is left of the shift is shorter than the work.
 */
export type Risk = (typeof RISKS)[number];

const GRACE_MS = 10 * 60_000;
const SOON_MS = 2 * 3600_000;
export const WAITING = new Set(['draft', 'scheduled']);
export const PLANNED = new Set(['draft', 'scheduled', 'dispatched', 'accepted']);
export const OVER = new Set(['completed', 'cannot_complete', 'approved', 'confirmed', 'disputed', 'cancelled', 'aborted']);

export const isWaiting = (visit: Visit): boolean =>
  !visit.engineer_id && !visit.crew_id && WAITING.has(visit.status);
/** The state to show: what waits for somebody waits, whether or not somebody has had it before. */
export const shownStatus = (visit: Visit): Visit['status'] => (isWaiting(visit) ? 'draft' : visit.status);
/** The state of a job to show: it waits while one of its visits does and nobody holds another. `trips`: those of it that are known. */
export function shownJob({ id, status }: Pick<Job, 'id' | 'status'>, trips: Iterable<Visit> = visits.value.values()): string {
  if (status !== 'open' && status !== 'scheduled') return status;
  const alive = [...trips].filter((one) => one.job_id === id && !OVER.has(one.status));
  return alive.length && alive.every(isWaiting) ? 'waiting' : status;
}
export const starts = (visit: Visit): number | null => ms(visit.planned_start ?? visit.window_start);
export const ends = (visit: Visit): number | null =>
  ms(visit.planned_end) ?? (visit.planned_start ? ms(visit.planned_start)! + visit.duration_s * 1000 : null);

/** Whether a visit lies in the territory that the desk is narrowed to. */
export const isHere = (visit: Visit): boolean => !territory.value || visit.territory_id === territory.value;

/** Until when each engineer works who has a shift on this day, past midnight too. */
const until = computed(() => {
  const found = new Map<string, number>();
  for (const { engineer_id, starts_at, ends_at } of shifts.value) {
    if (ms(starts_at)! < dayEnds.value) found.set(engineer_id, Math.max(found.get(engineer_id) ?? 0, ms(ends_at)!));
  }
  return found;
});

/** When the work of the day is over at the latest. */
export const nightEnds = computed(() => {
  const last = [...until.value.values()].reduce((a, b) => Math.max(a, b), dayEnds.value);
  return Math.min(last, dayEnds.value + NIGHT_MS);
});

/** Waiting visits of the territory that may be done on this day, or whose time is past or open. */
export const waiting = computed(() =>
  [...visits.value.values()].filter(
    (visit) => isWaiting(visit) && isHere(visit) && (ms(visit.window_start) ?? 0) < nightEnds.value,
  ),
);

/** Visits of the day that somebody holds, by engineer, in order of their start. */
export const routes = computed(() => {
  const found = new Map<string, Visit[]>();
  for (const visit of visits.value.values()) {
    const [from, to] = [ms(visit.planned_start), ends(visit)];
    if (!visit.engineer_id || !from || !to || to <= dayBegins.value) continue;
    if (from >= Math.max(dayEnds.value, Math.min(until.value.get(visit.engineer_id) ?? 0, nightEnds.value))) continue;
    if (visit.status === 'cancelled') continue;
    const route = found.get(visit.engineer_id);
    if (route) route.push(visit);
    else found.set(visit.engineer_id, [visit]);
  }
  for (const route of found.values()) route.sort((a, b) => starts(a)! - starts(b)!);
  return found;
});

/** What endangers each visit of the day. */
export const risks = computed(() => {
  const found = new Map<string, Risk[]>();
  const note = (visit: Visit, risk: Risk) => found.set(visit.id, [...(found.get(visit.id) ?? []), risk]);
  for (const visit of waiting.value) {
    const closes = ms(visit.window_end);
    if (closes === null) continue;
    if (closes < now.value) note(visit, 'missed');
    else if (closes - visit.duration_s * 1000 - now.value < SOON_MS) note(visit, 'closing');
  }
  for (const route of routes.value.values()) {
    let before: Visit | null = null;
    for (const visit of route) {
      for (const risk of held(visit, before)) note(visit, risk);
      if (!before || span(visit)[1] > span(before)[1]) before = visit;
    }
  }
  return found;
});

function held(visit: Visit, before: Visit | null): Risk[] {
  if (OVER.has(visit.status)) return [];
  const [from, to, closes] = [starts(visit)!, ends(visit)!, ms(visit.window_end)];
  if (PLANNED.has(visit.status)) {
    if (isTooLate(visit, from, to)) return ['undone'];
    const comes = Math.max(from, ms(really.value.get(visit.id)?.start) ?? from);
    const found: Risk[] = now.value > from + GRACE_MS ? ['overdue'] : [];
    if (closes !== null && comes > closes) found.push('window');
    const close = before && tooClose(visit, before, from, comes);
    return close ? [...found, close] : found;
  }
  if (visit.status === 'en_route') return closes !== null && (ms(really.value.get(visit.id)?.start) ?? from) > closes ? ['window'] : [];
  const until = really.value.has(visit.id) ? span(visit)[0] + visit.duration_s * 1000 : to;
  return now.value > until ? ['overrun'] : [];
}

/** Between two that are planned the plan counts; behind what goes on, or is over, when somebody is expected to come. */
function tooClose(visit: Visit, before: Visit, from: number, comes: number): Risk | null {
  if (!PLANNED.has(before.status) && really.value.has(visit.id)) return comes > from + GRACE_MS && now.value <= from + GRACE_MS ? 'late' : null;
  const gap = from - span(before)[1];
  if (gap < 0) return 'overlap';
  return gap < (legs.value.get(visit.id)?.travel_s ?? 0) * 1000 - 60_000 ? 'travel' : null;
}

/** Whether a visit that should have begun does not fit into what is left of its engineer's day. */
function isTooLate(visit: Visit, from: number, to: number): boolean {
  const last = Math.max(until.value.get(visit.engineer_id!) ?? dayEnds.value, to);
  return now.value > from + GRACE_MS && now.value + visit.duration_s * 1000 > last;
}

export const isUndone = (visit: Visit): boolean => risks.value.get(visit.id)?.[0] === 'undone';
/** Whether somebody should look at a visit now, because it may still be saved. */
export const isRisky = (visit: Visit): boolean => risks.value.has(visit.id) && !isUndone(visit);

const ofSomebody = computed(() => [...routes.value.values()].flat().filter(isHere));
/** Held visits that somebody should look at. */
export const atRisk = computed(() => ofSomebody.value.filter(isRisky));
/** Held visits that are not done on this day any more: they need another. */
export const undone = computed(() => ofSomebody.value.filter(isUndone));
