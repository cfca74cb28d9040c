import { signal } from '@preact/signals';
import { api, result } from '@shared/api';
import { day } from '../data/day';
import type { DayPlan } from './shapes';

/** A plan that another screen wants to be shown. */
export const wanted = signal<string | null>(null);

const on = (plan_id: string) => ({ params: { path: { plan_id } } });
const plan = async (call: Promise<unknown>): Promise<DayPlan> => (await call) as DayPlan;

export const readPlan = (id: string) => plan(result(api.GET('/api/v1/dispatch/plans/{plan_id}', on(id))));
export const stopPlan = (id: string) => plan(result(api.POST('/api/v1/dispatch/plans/{plan_id}/stop', on(id))));

/** Makes chosen routes the plan. The server refuses when the ground has moved meanwhile. */
export const applyPlan = (id: string, engineer_ids: string[], publish: boolean) =>
  plan(result(api.POST('/api/v1/dispatch/plans/{plan_id}/apply', { ...on(id), body: { engineer_ids, publish } })));

/** Gives every visit of applied routes back, as long as nothing of it has begun or moved since. */
export const undoPlan = (id: string, engineer_ids: string[]) => plan(result(api.POST('/api/v1/dispatch/plans/{plan_id}/undo', { ...on(id), body: { engineer_ids } })));

/** The newest plans of the day that is shown, without their routes. */
export async function readPlans(): Promise<DayPlan[]> {
  const query = { date: day.value, limit: 10, sort: '-created_at' };
  return ((await result(api.GET('/api/v1/dispatch/plans', { params: { query: query as never } }))) as unknown as { items: DayPlan[] }).items;
}
