import type { ComponentChildren } from 'preact';
import { engineers, visits } from '../data/day';
import { open } from '../data/route';
import type { Reason } from '../data/shapes';
import { Priority } from '../parts/bits';
import { clock, dateOf, dayName, ms, shifted, when } from '../data/time';
import type { Change, DayPlan, Route, Step } from './shapes';
import { spell } from './totals';
import { t } from './words';

const PRESSING = 2; // what is as urgent as that, or more, is marked

export const nameOf = (id: string | null) => (id && engineers.value.get(id)?.name) || '—';
export const holder = (change: Change) => change.to_engineer_id ?? change.from_engineer_id!;
/** Whether somebody was told otherwise, or is promised another time. */
export function breaks(plan: DayPlan, { broken, visit_id, to_start }: Change): boolean {
  const end = told(plan, visit_id)?.window_end;
  return broken || Boolean(end && to_start && ms(to_start)! > ms(end)!);
}
export const visitsOf = (route: Route | undefined): Step[] => route?.steps.filter((step) => step.kind === 'visit') ?? [];

/** What a visit is called: of other days the desk knows nothing but what the plan tells. */
export function told(plan: DayPlan, id: string) {
  return plan.visits?.[id] ?? visits.value.get(id);
}

export const daysOf = (plan: DayPlan): string[] => Array.from({ length: plan.days }, (_, n) => shifted(plan.date, n));

/** The local day of a change: that of the shift which takes the visit, or of the time at which it loses its place. */
function dayOf(plan: DayPlan, change: Change): string {
  const route = plan.routes!.find((one) => one.engineer_id === change.to_engineer_id && one.steps.some((step) => step.visit_id === change.visit_id));
  const date = route ? shiftDay(route) : dateOf(ms(change.to_start ?? change.from_start) ?? 0);
  const days = daysOf(plan);
  return date < days[0]! ? days[0]! : date > days.at(-1)! ? days.at(-1)! : date;
}

const shiftDay = (route: Route) => dateOf(Date.parse(route.start));

type Props = { plan: DayPlan; date: string; children: (changes: Change[], route: Route | undefined) => ComponentChildren };

/** One day of the proposal: who drives what, and what changes for whom. A plan of one day has no heading. */
export function Day({ plan, date, children }: Props) {
  const routes = plan.routes!.filter((one) => shiftDay(one) === date);
  const changes = (plan.difference ?? []).filter((one) => dayOf(plan, one) === date);
  const people = [...new Set(changes.map(holder))].sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
  const drive = routes.reduce((sum, one) => sum + one.travel_s, 0);
  return (
    <section aria-label={dayName(date)} class="stack tight plan-day">
      {plan.days > 1 && (
        <h3 class="line">
          <span>{dayName(date)}</span>
          <span class="soft">{t('dayRoutes', { n: routes.reduce((sum, one) => sum + visitsOf(one).length, 0), drive: spell(drive) })}</span>
        </h3>
      )}
      {plan.days > 1 && !people.length && <p class="soft">{t('asItWas')}</p>}
      <ul class="routes">
        {people.map((id) => {
          const mine = changes.filter((one) => holder(one) === id);
          const route = routes.find((one) => one.engineer_id === id);
          return (
            <li key={id} class="card">
              {children(mine, route)}
              <ul>{mine.map((one) => <ChangeLine key={one.visit_id} plan={plan} change={one} date={date} />)}</ul>
              {route && visitsOf(route).length > mine.length && <Whole plan={plan} route={route} />}
              {route && route.strains.length > 0 && <Strains plan={plan} strains={route.strains} />}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** The day with what stays as it is. */
function Whole({ plan, route }: { plan: DayPlan; route: Route }) {
  return (
    <details>
      <summary>{t('whole')}</summary>
      <ol class="soft">
        {visitsOf(route).map((step) => (
          <li key={step.visit_id}>
            {clock(step.start)} {told(plan, step.visit_id!)?.job_number} {told(plan, step.visit_id!)?.summary} · {told(plan, step.visit_id!)?.site_name}
          </li>
        ))}
      </ol>
    </details>
  );
}

/** What the visits that stand still break by themselves: the plan neither caused nor could mend it. */
function Strains({ plan, strains }: { plan: DayPlan; strains: Reason[] }) {
  return (
    <details>
      <summary class="warn-ink">⚠ {t('strains', { n: strains.length })}</summary>
      {strains.map((reason, place) => (
        <p key={place} class="soft">{told(plan, String(reason.numbers?.visit))?.job_number} {reason.detail}</p>
      ))}
    </details>
  );
}

function ChangeLine({ plan, change, date }: { plan: DayPlan; change: Change; date: string }) {
  const visit = told(plan, change.visit_id);
  const late = plan.routes!.flatMap((route) => route.steps).find((step) => step.visit_id === change.visit_id)?.late_s;
  const how = {
    assigned: t('assigned'), unassigned: t('unassigned'), moved: t('moved_', { name: nameOf(change.from_engineer_id) }),
    retimed: t('retimed', { time: change.from_start ? when(change.from_start, date) : '' }),
  }[change.change];
  return (
    <li>
      <button type="button" class="linkish" onClick={() => open(change.visit_id)}>
        <b>{change.to_start ? when(change.to_start, date) : '—'}</b> {visit && visit.priority <= PRESSING && <Priority value={visit.priority} />} {visit?.job_number} {visit?.summary} <span class="soft">{visit?.site_name}</span>
        <span class="tag">{how}</span>
        {visit?.window_end && <span class="soft">{t('promised', { time: `${visit.window_start ? clock(visit.window_start) : ''}–${when(visit.window_end, date)}` })}</span>}
        {breaks(plan, change) && <b class="bad-ink">⚠ {t('breaks')}</b>}
        {!!late && <b class="bad-ink">⚠ {t('lateBy', { time: spell(late) })}</b>}
      </button>
    </li>
  );
}
