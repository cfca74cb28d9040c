import { useEffect, useState } from 'preact/hooks';
import { Button } from '@shared/ui';
import { may } from '../data/calls';
import { Day, daysOf, holder, nameOf, visitsOf } from './days';
import { Elsewhere, Unplaced } from './left';
import type { DayPlan } from './shapes';
import { Totals, spell } from './totals';
import { t } from './words';
import { Worries } from './worries';

type Props = { plan: DayPlan; onDiscard: () => void; onApply: (engineer_ids: string[], publish: boolean) => Promise<void>; onUndo: () => Promise<void> };

/** What the proposal would change, engineer by engineer; what is ticked is applied. After a part of it was, the rest was left out on purpose. */
export function Review({ plan, onDiscard, onApply, onUndo }: Props) {
  const changes = plan.difference ?? [];
  const people = [...new Set(changes.map(holder))].sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
  const applied = new Set(plan.applied ?? []);
  const left = people.filter((id) => !applied.has(id));
  const begun = () => new Set(applied.size ? [] : left);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(begun);
  useEffect(() => setTicked(begun()), [[...applied].join()]);
  const [publish, setPublish] = useState(true);
  const [busy, setBusy] = useState(false);
  const mayApply = may('dispatch.plan');
  const tick = (id: string) => setTicked(new Set(ticked.has(id) ? [...ticked].filter((one) => one !== id) : [...ticked, id]));
  const chosen = left.filter((id) => ticked.has(id));
  const apply = async () => (setBusy(true), await onApply(chosen, publish), setBusy(false));
  const undo = async () => (setBusy(true), await onUndo(), setBusy(false));
  return (
    <>
      <Totals plan={plan} />
      <Worries plan={plan} />
      <div class="row">
        <h3 class="grow">{changes.length ? t('changes', { n: changes.length, people: t('peopleN', { n: people.length }) }) : t('nochange')}</h3>
        {applied.size > 0 && mayApply && <Button busy={busy} onClick={() => void undo()}>{t('undoAll')}</Button>}
        {left.length > 0 && mayApply && (
          <>
            <Button onClick={() => setTicked(new Set(left))}>{t('all')}</Button>
            <Button onClick={() => setTicked(new Set())}>{t('nobody')}</Button>
            <label class="check"><input type="checkbox" checked={publish} onChange={() => setPublish(!publish)} /> {t('publish')}</label>
            <Button onClick={onDiscard}>{t('discard')}</Button>
            <Button kind="primary" busy={busy} disabled={!chosen.length} onClick={() => void apply()}>{t('apply')} ({chosen.length})</Button>
          </>
        )}
      </div>
      {plan.days > 1 && changes.length > 0 && mayApply && <p class="soft">{t('allDays')}</p>}
      <Unplaced plan={plan} />
      {daysOf(plan).map((one) => (
        <Day key={one} plan={plan} date={one}>
          {(changed, route) => {
            const id = holder(changed[0]!);
            return (
              <label class="line">
                {mayApply && <input type="checkbox" checked={ticked.has(id) || applied.has(id)} disabled={applied.has(id)} onChange={() => tick(id)} />}
                <strong>{nameOf(id)}</strong>
                {applied.has(id) && <span class="tag">✓ {t('already')}</span>}
                <span class="soft">{t('route', { n: visitsOf(route).length, drive: spell(route?.travel_s ?? 0) })}</span>
                {!!route?.overtime_s && <span class="warn-ink">{t('works', { time: spell(route.overtime_s) })}</span>}
              </label>
            );
          }}
        </Day>
      ))}
      <Elsewhere plan={plan} />
    </>
  );
}
