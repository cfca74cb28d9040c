import { signal } from '@preact/signals';
import { ProblemError, api, result } from '@shared/api';
import { merge } from './day';
import { userName } from './people';
import { PLANNED } from './risk';
import type { Visit } from './shapes';

/** A decision that met another one, made a moment ago by somebody else: the dispatcher is asked which one stands. */
export interface Overtaken {
  now: Visit;
  how: 'given' | 'back' | 'moved' | 'changed';
  who: string | null;
  at: string;
  goOn: (now: Visit) => void;
}
export const overtaken = signal<Overtaken | null>(null);

export const isStale = (error: unknown): boolean => error instanceof ProblemError && error.status === 412;

/** Whether two states of a visit come from the same decision: with whom, when, promised for when, and nobody under way. */
export const isSamePlan = (a: Visit, b: Visit): boolean =>
  a.engineer_id === b.engineer_id && a.crew_id === b.crew_id && same(a.planned_start, b.planned_start) &&
  same(a.window_start, b.window_start) && same(a.window_end, b.window_end) && PLANNED.has(a.status) === PLANNED.has(b.status);

/** Whether two moments are one, however they are written. */
export const same = (a: string | null, b: string | null): boolean => (a && Date.parse(a)) === (b && Date.parse(b));

/** The visit as it stands on the server. */
export async function readNow(row_id: string): Promise<Visit> {
  const now = (await result(api.GET('/api/v1/visits/{row_id}', { params: { path: { row_id } } }))) as unknown as Visit;
  merge([now]);
  return now;
}

/** Tells who decided what meanwhile, and asks whether to go on all the same. */
export async function askAgain(seen: Visit, now: Visit, goOn: (now: Visit) => void): Promise<void> {
  overtaken.value = { now, how: howOf(seen, now), ...(await author(now)), goOn };
}

function howOf(seen: Visit, now: Visit): Overtaken['how'] {
  if (!PLANNED.has(now.status)) return 'changed';
  if (seen.engineer_id !== now.engineer_id || seen.crew_id !== now.crew_id) return now.engineer_id || now.crew_id ? 'given' : 'back';
  return same(seen.planned_start, now.planned_start) ? 'changed' : 'moved';
}

type Step = { user_id: string | null; received_at: string };

const MANY = 50;

/** Who did the last thing to a visit (`before` a moment), and when; nobody where that cannot be told. What a phone did too late is no part of it. */
export async function author(visit: Pick<Visit, 'id' | 'updated_at'>, before?: string): Promise<{ who: string | null; at: string }> {
  const query = { visit_id: visit.id, applied: true, sort: '-seq', limit: before ? MANY : 1 };
  try {
    const steps = ((await result(api.GET('/api/v1/visit-events', { params: { query: query as never } }))) as unknown as { items: Step[] }).items;
    const step = steps.find((one) => !before || Date.parse(one.received_at) <= Date.parse(before));
    return { who: await userName(step?.user_id), at: step?.received_at ?? visit.updated_at };
  } catch {
    return { who: null, at: visit.updated_at };
  }
}
