import { when } from '../data/time';
import type { DayPlan } from './shapes';
import { t } from './words';

type Named = Pick<DayPlan, 'because' | 'created_by_name' | 'created_at'>;
type Standing = Pick<DayPlan, 'status' | 'applied_at'>;

const STATES = { queued: 'queued', running: 'running_', done: 'done', stopped: 'stopped', failed: 'failed', applied: 'applied' } as const;
type Cause = DayPlan['because'][number];

const MOST = 2; // causes that a name holds

/** What a plan is called: who made it or, where it was proposed, because of what. */
export function nameOfPlan({ because, created_by_name }: Named): string {
  const more = because.length - MOST;
  if (because.length) return [...because.slice(0, MOST).map(cause), ...(more > 0 ? [t('andMore', { n: more })] : [])].join('; ');
  return created_by_name ? t('madeBy', { name: created_by_name }) : t('proposed');
}

/** When a plan was made: to the second where another of `among` has its name and its minute. */
export function madeAt(plan: Named, among: readonly Named[] = []): string {
  const time = when(plan.created_at);
  const isTwin = (one: Named) => one.created_at !== plan.created_at && when(one.created_at) === time && nameOfPlan(one) === nameOfPlan(plan);
  return among.some(isTwin) ? `${time}:${String(new Date(plan.created_at).getSeconds()).padStart(2, '0')}` : time;
}

/** The name with the time, which tells two of the same author apart. */
export const titled = (plan: Named, among: readonly Named[] = []): string => t('titled', { name: nameOfPlan(plan), time: madeAt(plan, among) });

/** How far a plan is, in words. */
export const stateOf = ({ status, applied_at }: Standing): string => t(applied_at && status !== 'applied' ? 'partly' : STATES[status as keyof typeof STATES]);

/** What a plan was asked for with, as far as two of a day may differ. */
export const askedWith = ({ days, lock, time_limit_s }: Pick<DayPlan, 'days' | 'lock' | 'time_limit_s'>): string =>
  t('askedWith', { days: t('daysN', { n: days }), lock: t(lock as 'none'), n: time_limit_s });

function cause({ kind, engineer_name, job_number }: Cause): string {
  const [name, number] = [engineer_name ?? '—', job_number ?? '—'];
  if (kind === 'absence') return t('afterAbsence', { name });
  if (kind === 'emergency') return t('emergency', { number });
  return t('atRisk', { name, number });
}
