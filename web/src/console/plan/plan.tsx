import { useEffect, useState } from 'preact/hooks';
import { ProblemError, Unreachable, api, inWords, result } from '@shared/api';
import { Button, Notice } from '@shared/ui';
import { may } from '../data/calls';
import { day, territory } from '../data/day';
import { onEvent } from '../data/events';
import { gathered } from '../data/live';
import { dayName, shifted, when } from '../data/time';
import { say } from '../data/toasts';
import { Empty, Fault } from '../parts/bits';
import { Choice, Input } from '../parts/select';
import { Review } from './review';
import type { DayPlan } from './shapes';
import { Slack, useSlack } from './slack';
import { t } from './words';

const MOST_DAYS = 14;
const LOCKS = ['dispatched', 'started', 'none'] as const;
const STATES = { queued: 'queued', running: 'running_', done: 'done', stopped: 'stopped', failed: 'failed', applied: 'applied' } as const;
const POLL_MS = 1_000;
const busy = (plan: DayPlan | null) => plan?.status === 'queued' || plan?.status === 'running';

/** A plan is made, looked at, and applied in whole or in part; until then nothing changes. */
export function PlanScreen() {
  const [plan, setPlan] = useState<DayPlan | null>(null);
  const [earlier, setEarlier] = useState<DayPlan[]>([]);
  const [error, setError] = useState<unknown>(null);
  const read = (id: string) =>
    (result(api.GET('/api/v1/dispatch/plans/{plan_id}', { params: { path: { plan_id: id } } })) as unknown as Promise<DayPlan>).then(setPlan, setError);
  const list = () =>
    result(api.GET('/api/v1/dispatch/plans', { params: { query: { date: day.value, limit: 10, sort: '-created_at' } as never } })).then(
      (page) => setEarlier((page as unknown as { items: DayPlan[] }).items),
      setError,
    );
  useEffect(() => {
    setPlan(null);
    void list();
    const soon = gathered(list, 300);
    return onEvent(({ topic }) => topic.startsWith('plan.') && soon());
  }, [day.value]);
  useEffect(() => {
    if (!plan || !busy(plan)) return;
    const timer = setTimeout(() => void read(plan.id), POLL_MS);
    return () => clearTimeout(timer);
  }, [plan]);
  const stop = () =>
    result(api.POST('/api/v1/dispatch/plans/{plan_id}/stop', { params: { path: { plan_id: plan!.id } } })).then((got) => setPlan(got as unknown as DayPlan), setError);
  return (
    <section class="page plan" aria-label={t('title')}>
      <aside class="stack tight side">
        <h2>{t('title')}</h2>
        {may('dispatch.plan') && <Ask busy={busy(plan)} onPlan={(made) => (setError(null), setPlan(made))} onError={setError} />}
        {earlier.length > 0 && <h3>{t('earlier')}</h3>}
        {earlier.map((one) => (
          <button type="button" class="linkish" key={one.id} aria-current={one.id === plan?.id || undefined} onClick={() => void read(one.id)}>
            {t('made', { time: when(one.created_at), status: t(STATES[one.status as keyof typeof STATES]) })}
            {one.days > 1 && ` · ${t('daysN', { n: one.days })}`}
          </button>
        ))}
      </aside>
      <div class="stack tight main" tabIndex={0}>
        {error ? <Fault error={error} /> : null}
        {!plan && <Empty title={t('empty')}>{t('emptyMore')}</Empty>}
        {plan && busy(plan) && (
          <div class="stack tight" role="status">
            <strong>{t('running')}</strong>
            <progress max={1} value={plan.progress || 0} aria-label={t('running')} />
            <Button onClick={() => void stop()}>{t('stop')}</Button>
          </div>
        )}
        {plan?.status === 'failed' && <Notice kind="bad">{plan.message ?? t('failed')}</Notice>}
        {plan?.routes && <Review key={plan.id} plan={plan} onDiscard={() => (setPlan(null), say('good', t('discarded')))} onApply={apply(plan, setPlan)} />}
      </div>
    </section>
  );
}

/** Makes chosen routes the plan. The server refuses when the ground has moved meanwhile. */
const apply = (plan: DayPlan, onDone: (plan: DayPlan) => void) => async (engineer_ids: string[], publish: boolean) => {
  try {
    const call = api.POST('/api/v1/dispatch/plans/{plan_id}/apply', { params: { path: { plan_id: plan.id } }, body: { engineer_ids, publish } });
    onDone((await result(call)) as unknown as DayPlan);
    say('good', t('appliedDone', { n: engineer_ids.length }), async () => onDone(await undo(plan)));
  } catch (error) {
    // The answer may be lost while the plan is applied: what stands is read anew.
    if (error instanceof Unreachable) void readAgain(plan.id).then(onDone, () => undefined);
    say('bad', error instanceof ProblemError && error.status === 409 ? `${t('moves')} ${inWords(error)}` : inWords(error));
  }
};

const readAgain = async (plan_id: string): Promise<DayPlan> =>
  (await result(api.GET('/api/v1/dispatch/plans/{plan_id}', { params: { path: { plan_id } } }))) as unknown as DayPlan;

/** Gives every visit of an applied plan back, as long as nothing of it has begun or moved since. */
const undo = async ({ id }: DayPlan): Promise<DayPlan> =>
  (await result(api.POST('/api/v1/dispatch/plans/{plan_id}/undo', { params: { path: { plan_id: id } } }))) as unknown as DayPlan;

type AskProps = { busy: boolean; onPlan: (plan: DayPlan) => void; onError: (error: unknown) => void };

function Ask({ busy: working, onPlan, onError }: AskProps) {
  const [days, setDays] = useState(1);
  const slack = useSlack(onError);
  const [lock, setLock] = useState<(typeof LOCKS)[number]>('dispatched');
  const [stability, setStability] = useState(0.5);
  const [seconds, setSeconds] = useState('10');
  const spans = Array.from({ length: MOST_DAYS }, (_, n) => [String(n + 1), t('daysN', { n: n + 1 })] as const);
  const submit = async (event: Event) => {
    event.preventDefault();
    const body = {
      date: day.value, days, lock, stability, time_limit_s: Math.min(300, Math.max(1, Number(seconds) || 10)),
      territory_ids: territory.value ? [territory.value] : null, engineer_ids: null, visit_ids: null,
    };
    await slack.keep().then(() => result(api.POST('/api/v1/dispatch/plans', { body }))).then((made) => onPlan(made as unknown as DayPlan), onError);
  };
  return (
    <form class="stack tight" onSubmit={submit}>
      <Choice label={t('days')} value={String(days)} onValue={(value) => setDays(Number(value))} options={spans} />
      <span class="soft">{days > 1 ? t('until', { from: dayName(day.value), to: dayName(shifted(day.value, days - 1)) }) : dayName(day.value)}</span>
      <Slack {...slack} />
      <Choice label={t('lock')} value={lock} onValue={(value) => setLock(value as typeof lock)} options={LOCKS.map((one) => [one, t(one)])} />
      <label class="stack slider">
        <span>{t('stability')}</span>
        <input type="range" min={0} max={1} step={0.1} value={stability} onInput={(event) => setStability(Number(event.currentTarget.value))} />
        <span class="line soft"><span>{t('free')}</span><span class="grow" /><span>{t('keep')}</span></span>
      </label>
      <Input label={t('time')} type="number" value={seconds} onValue={setSeconds} />
      <Button kind="primary" type="submit" busy={working}>{t('run')}</Button>
    </form>
  );
}
