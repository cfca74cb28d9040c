import { when } from '../data/time';
import type { DayPlan } from './shapes';
import { t } from './words';

type Named = Pick<DayPlan, 'because' | 'created_by_name' | 'created_at'>;
type Cause = DayPlan['because'][number];

const MOST = 2; // causes that a name holds

/** What a plan is called: who made it or, where it was proposed, because of what. */
export function nameOfPlan({ because, created_by_name }: Named): string {
  const more = because.length - MOST;
  if (because.length) return [...because.slice(0, MOST).map(cause), ...(more > 0 ? [t('andMore', { n: more })] : [])].join('; ');
  return created_by_name ? t('madeBy', { name: created_by_name }) : t('proposed');
}

/** The name with the time, which tells two of the same author apart. */
export const titled = (plan: Named): string => t('titled', { name: nameOfPlan(plan), time: when(plan.created_at) });

function cause({ kind, engineer_name, job_number }: Cause): string {
  const [name, number] = [engineer_name ?? '—', job_number ?? '—'];
  if (kind === 'absence') return t('afterAbsence', { name });
  if (kind === 'emergency') return t('emergency', { number });
  return t('atRisk', { name, number });
}
