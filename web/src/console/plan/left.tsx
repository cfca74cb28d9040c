import { open } from '../data/route';
import { when } from '../data/time';
import { Priority } from '../parts/bits';
import { told } from './days';
import type { DayPlan } from './shapes';
import { spell } from './totals';
import { t } from './words';

const [FEW, LEAST] = [6, 4];
type Left = NonNullable<DayPlan['unassigned']>[number];
const WORDS = { later: 'later', earlier: 'ends', gone: 'gone' } as const;

/** What finds no place, who cannot and why, and the least that would have to give way. */
export function Unplaced({ plan }: { plan: DayPlan }) {
  if (!plan.unassigned?.length) return null;
  const urgency = (one: Left) => told(plan, one.visit_id)?.priority ?? LEAST;
  const left = [...plan.unassigned].sort((a, b) => urgency(a) - urgency(b) || (b.overdue_s ?? 0) - (a.overdue_s ?? 0));
  return (
    <details open={plan.unassigned.length < FEW}>
      <summary>{t('unplaced')} ({left.length})</summary>
      <ul class="routes">
        {left.map((one) => {
          const visit = told(plan, one.visit_id);
          const cheapest = one.cheapest[0];
          return (
            <li key={one.visit_id} class="card">
              <button type="button" class="linkish" onClick={() => open(one.visit_id, 'who')}>{visit && <Priority value={visit.priority} />} {visit?.job_number} {visit?.summary} <span class="soft">{visit?.site_name}</span></button>
              {!!one.overdue_s && <p class="warn-ink">⚠ {t('overdue', { time: spell(one.overdue_s) })}</p>}
              <p class="soft">{one.reasons.map((reason) => reason.detail).join(' · ')}</p>
              {cheapest && <p>{t('cheapest', { detail: cheapest.detail })}</p>}
            </li>
          );
        })}
      </ul>
    </details>
  );
}

/** What waits too but may not be done on the days of the plan. */
export function Elsewhere({ plan: { elsewhere, ...plan } }: { plan: DayPlan }) {
  if (!elsewhere?.count) return null;
  const more = elsewhere.count - elsewhere.visits.length;
  return (
    <details open={elsewhere.visits.some((one) => one.when === 'gone')}>
      <summary>{t('elsewhere', { n: elsewhere.count })}</summary>
      <ul class="routes">
        {elsewhere.visits.map((one) => {
          const visit = plan.visits?.[one.visit_id];
          return (
            <li key={one.visit_id}>
              <button type="button" class="linkish" onClick={() => open(one.visit_id)}>
                {visit?.job_number} {visit?.summary} <span class={one.when === 'gone' ? 'warn-ink' : 'soft'}>{t(WORDS[one.when], { time: when(one.at, plan.date) })}</span>
              </button>
            </li>
          );
        })}
      </ul>
      {more > 0 && <p class="soft">{t('andMore', { n: more })}</p>}
    </details>
  );
}
