import { when } from '../data/time';
import type { DayPlan } from './shapes';
import { t } from './words';

type Named = Pick<DayPlan, 'because' | 'created_by_name' | 'created_at'>;
type Cause = DayPlan['because'][number];

const MOST = 2; // causes that a name holds

/** What a plan is called: who made it and when or, where it was proposed, because of what. */
export function nameOfPlan({ because, created_by_name, created_at }: Named): string {
  const more = because.length - MOST;
  if (because.length) return [...because.slice(0, MOST).map(cause), ...(more > 0 ? [t('andMore', { n: more })] : [])].join('; ');
  const time = when(created_at);
  return created_by_name ? t('madeBy', { name: created_by_name, time }) : t('proposed', { time });
}

function cause({ kind, engineer_name, job_number }: Cause): string {
  const [name, number] = [engineer_name ?? '—', job_number ?? '—'];
  if (kind === 'absence') return t('afterAbsence', { name });
  if (kind === 'emergency') return t('emergency', { number });
  return t('atRisk', { name, number });
}
