import { useState } from 'preact/hooks';
import { api, result } from '@shared/api';
import { Button } from '@shared/ui';
import { day, territory } from '../data/day';
import { dayName, shifted } from '../data/time';
import { Choice, Input } from '../parts/select';
import type { DayPlan } from './shapes';
import { Slack, useSlack } from './slack';
import { t } from './words';

const MOST_DAYS = 14;
const LOCKS = ['dispatched', 'started', 'none'] as const;

type Props = { busy: boolean; onPlan: (plan: DayPlan) => void; onError: (error: unknown) => void };

/** What a plan is asked for with. */
export function Ask({ busy: working, onPlan, onError }: Props) {
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
