import { useState } from 'preact/hooks';
import { formatNumber } from '@shared/i18n';
import { Button } from '@shared/ui';
import { may } from '../data/calls';
import { engineers, visits } from '../data/day';
import { open } from '../data/route';
import type { Reason } from '../data/shapes';
import { clock, ms, when } from '../data/time';
import type { Change, DayPlan } from './shapes';
import { t } from './words';

type Props = { plan: DayPlan; onDiscard: () => void; onApply: (engineer_ids: string[], publish: boolean) => Promise<void> };

const nameOf = (id: string | null) => (id && engineers.value.get(id)?.name) || '—';

export function spell(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? t('minutes', { n: minutes }) : t('hours', { h: Math.floor(minutes / 60), m: minutes % 60 });
}

/** What the proposal would change, engineer by engineer; what is ticked is applied. */
export function Review({ plan, onDiscard, onApply }: Props) {
  const changes = plan.difference ?? [];
  const holder = (change: Change) => change.to_engineer_id ?? change.from_engineer_id!;
  const people = [...new Set(changes.map(holder))].sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
  const applied = new Set(plan.applied ?? []);
  const left = people.filter((id) => !applied.has(id));
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set(left));
  const [publish, setPublish] = useState(true);
  const [busy, setBusy] = useState(false);
  const tick = (id: string) => setTicked(new Set(ticked.has(id) ? [...ticked].filter((one) => one !== id) : [...ticked, id]));
  const chosen = left.filter((id) => ticked.has(id));
  const apply = async () => (setBusy(true), await onApply(chosen, publish), setBusy(false));
  return (
    <>
      <Totals plan={plan} />
      <div class="row">
        <h3 class="grow">{changes.length ? t('changes', { n: changes.length }) : t('nochange')}</h3>
        {left.length > 0 && may('dispatch.plan') && (
          <>
            <Button onClick={() => setTicked(new Set(left))}>{t('all')}</Button>
            <Button onClick={() => setTicked(new Set())}>{t('nobody')}</Button>
            <label class="check"><input type="checkbox" checked={publish} onChange={() => setPublish(!publish)} /> {t('publish')}</label>
            <Button onClick={onDiscard}>{t('discard')}</Button>
            <Button kind="primary" busy={busy} disabled={!chosen.length} onClick={() => void apply()}>{t('apply')} ({chosen.length})</Button>
          </>
        )}
      </div>
      <ul class="routes">
        {people.map((id) => {
          const route = plan.routes!.find((one) => one.engineer_id === id);
          const steps = route?.steps.filter((step) => step.kind === 'visit') ?? [];
          return (
            <li key={id} class="card">
              <label class="line">
                <input type="checkbox" checked={ticked.has(id) || applied.has(id)} disabled={applied.has(id)} onChange={() => tick(id)} />
                <strong>{nameOf(id)}</strong>
                {applied.has(id) && <span class="tag">✓ {t('already')}</span>}
                <span class="soft">{t('route', { n: steps.length, drive: spell(route?.travel_s ?? 0) })}</span>
              </label>
              <ul>{changes.filter((one) => holder(one) === id).map((one) => <ChangeLine key={one.visit_id} change={one} />)}</ul>
              {route && route.strains.length > 0 && <Strains strains={route.strains} />}
            </li>
          );
        })}
      </ul>
      <Unplaced plan={plan} />
    </>
  );
}

/** What the visits that stand still break by themselves: the plan neither caused nor could mend it. */
function Strains({ strains }: { strains: Reason[] }) {
  return (
    <details>
      <summary class="warn-ink">⚠ {t('strains', { n: strains.length })}</summary>
      {strains.map((reason, place) => (
        <p key={place} class="soft">{visits.value.get(String(reason.numbers?.visit))?.job_number} {reason.detail}</p>
      ))}
    </details>
  );
}

function Totals({ plan: { totals } }: { plan: DayPlan }) {
  if (!totals) return null;
  const shown: [string, string][] = [
    [t('placed'), formatNumber(totals.assigned)], [t('left'), formatNumber(totals.unassigned)], [t('moved'), formatNumber(totals.moved)],
    [t('drive'), spell(totals.drive_seconds)], [t('overtime'), spell(totals.overtime)], [t('late'), spell(totals.late)],
  ];
  return <dl class="totals">{shown.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

function ChangeLine({ change }: { change: Change }) {
  const visit = visits.value.get(change.visit_id);
  const late = visit?.window_end && change.to_start && ms(change.to_start)! > ms(visit.window_end)!;
  const how = {
    assigned: t('assigned'), unassigned: t('unassigned'), moved: t('moved_', { name: nameOf(change.from_engineer_id) }),
    retimed: t('retimed', { time: change.from_start ? clock(change.from_start) : '' }),
  }[change.change];
  return (
    <li>
      <button type="button" class="linkish" onClick={() => open(change.visit_id)}>
        <b>{change.to_start ? clock(change.to_start) : '—'}</b> {visit?.job_number} {visit?.summary}
        <span class="tag">{how}</span>
        {visit?.window_end && <span class="soft">{t('promised', { time: `${visit.window_start ? clock(visit.window_start) : ''}–${when(visit.window_end)}` })}</span>}
        {late && <b class="bad-ink">⚠ {t('breaks')}</b>}
      </button>
    </li>
  );
}

function Unplaced({ plan }: { plan: DayPlan }) {
  if (!plan.unassigned?.length) return null;
  return (
    <details open={plan.unassigned.length < 6}>
      <summary>{t('unplaced')} ({plan.unassigned.length})</summary>
      <ul class="routes">
        {plan.unassigned.map((one) => {
          const visit = visits.value.get(one.visit_id);
          const cheapest = one.cheapest[0];
          return (
            <li key={one.visit_id} class="card">
              <button type="button" class="linkish" onClick={() => open(one.visit_id, 'who')}>{visit?.job_number} {visit?.summary}</button>
              <p class="soft">{one.reasons.map((reason) => reason.detail).join(' · ')}</p>
              {cheapest && <p>{t('cheapest', { detail: cheapest.detail })}</p>}
            </li>
          );
        })}
      </ul>
    </details>
  );
}
