import { useEffect, useState } from 'preact/hooks';
import { Button, Notice } from '@shared/ui';
import { may } from '../data/calls';
import { day } from '../data/day';
import { onEvent } from '../data/events';
import { gathered } from '../data/live';
import { say } from '../data/toasts';
import { Empty, Fault } from '../parts/bits';
import { Ask } from './ask';
import { apply, undoAll } from './applying';
import { readPlan, readPlans, stopPlan, wanted } from './calls';
import { Compare } from './compare';
import { Ground, type Moved } from './moved';
import { askedWith, madeAt, nameOfPlan, stateOf, titled } from './named';
import { Review } from './review';
import type { DayPlan } from './shapes';
import { t } from './words';

const POLL_MS = 1_000;
const busy = (plan: DayPlan | null) => plan?.status === 'queued' || plan?.status === 'running';

/** A plan is made, looked at, and applied in whole or in part; until then nothing changes. */
export function PlanScreen() {
  const [plan, setPlan] = useState<DayPlan | null>(null);
  const [earlier, setEarlier] = useState<DayPlan[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [moved, setMoved] = useState<Moved[] | null>(null);
  const show = (next: DayPlan | null) => (setMoved(null), setPlan(next));
  const read = (id: string) => readPlan(id).then(show, setError);
  const hears = { onDone: show, onMoved: setMoved };
  const list = () => readPlans().then(setEarlier, setError);
  useEffect(() => {
    show(null);
    void list();
    const soon = gathered(list, 300);
    return onEvent(({ topic }) => topic.startsWith('plan.') && soon());
  }, [day.value]);
  useEffect(() => {
    if (!wanted.value) return;
    void read(wanted.value);
    wanted.value = null;
  }, [wanted.value]);
  useEffect(() => {
    if (!plan || !busy(plan)) return;
    const timer = setTimeout(() => void read(plan.id), POLL_MS);
    return () => clearTimeout(timer);
  }, [plan]);
  return (
    <section class="page plan" aria-label={t('title')}>
      <aside class="stack tight side">
        <h2>{t('title')}</h2>
        {may('dispatch.plan') && <Ask busy={busy(plan)} onPlan={(made) => (setError(null), show(made))} onError={setError} />}
        {earlier.length > 0 && <h3>{t('earlier')}</h3>}
        {earlier.map((one) => (
          <button type="button" class="linkish plan-name" key={one.id} aria-current={one.id === plan?.id || undefined} onClick={() => void read(one.id)}>
            <span>{nameOfPlan(one)}</span>
            <span class="soft">
              {t('made', { time: madeAt(one, earlier), status: stateOf(one) })}
            </span>
            <span class="soft">{askedWith(one)}</span>
          </button>
        ))}
      </aside>
      <div class="stack tight main" tabIndex={0}>
        {error ? <Fault error={error} /> : null}
        {plan ? <h2>{titled(plan, earlier)}</h2> : <Empty title={t(earlier.length ? 'choose' : 'empty')}>{t('emptyMore')}</Empty>}
        {moved && <Ground moved={moved} onClose={() => setMoved(null)} />}
        {plan && busy(plan) && (
          <div class="stack tight" role="status">
            <strong>{t('running')}</strong>
            <progress max={1} value={plan.progress || 0} aria-label={t('running')} />
            {may('dispatch.plan') && <Button onClick={() => void stopPlan(plan.id).then(show, setError)}>{t('stop')}</Button>}
          </div>
        )}
        {plan?.status === 'failed' && <Notice kind="bad">{plan.message ?? t('failed')}</Notice>}
        {plan?.routes && (
          <div class="stack tight" key={plan.id}>
            <Compare plan={plan} others={earlier} />
            <Review plan={plan} onDiscard={() => (show(null), say('good', t('discarded')))} onApply={(people, publish) => apply(plan, people, publish, hears)} onUndo={() => undoAll(plan, hears)} />
          </div>
        )}
      </div>
    </section>
  );
}
