import { dictionary, formatDuration } from '@shared/i18n';
import { Notice } from '@shared/ui';
import { useNow } from './clock';
import { standing } from './data/client';
import type { Visit } from './data/rows';

const t = dictionary(
  {
    left: 'Answer within {time}',
    late: 'The time to answer is over',
    offered: 'This work is offered to you.',
    next: 'Without an answer it is offered to somebody else.',
    lateHint: 'It may be somebody else’s by now. You can still answer: the office then decides.',
    offline: 'There is no connection. Your answer is kept and goes out with the next one; if that is too late, the office decides.',
  },
  {
    left: '请在 {time} 内答复',
    late: '答复时间已过',
    offered: '此任务正在征求您的意见。',
    next: '如不答复，将转给他人。',
    lateHint: '任务可能已转给他人。您仍可答复，由调度员决定。',
    offline: '当前无网络。您的答复会先保存，联网后发送；若已超时，由调度员决定。',
  },
);
const EVERY_MS = 1_000;

/** Until when an offer waits for this person's answer; null for what is no offer, or is answered here already. */
export function offeredUntil(visit: Visit): string | null {
  return visit.status === 'dispatched' ? visit.offer_expires_at : null;
}

/** The time that is left, as a mark of a line. */
export function TimeLeft({ until }: { until: string }) {
  const left = (Date.parse(until) - useNow(EVERY_MS)) / 1000;
  return <span class="state urgent">{left > 0 ? t('left', { time: formatDuration(left) }) : t('late')}</span>;
}

/** What an offer is, how long it stands, and what becomes of an answer without a network. */
export function Offered({ until }: { until: string }) {
  const left = (Date.parse(until) - useNow(EVERY_MS)) / 1000;
  return (
    <Notice kind="warn">
      <strong>{t('offered')}</strong> <TimeLeft until={until} />
      <p>{t(left > 0 ? 'next' : 'lateHint')}</p>
      {standing.value?.phase === 'offline' && <p>{t('offline')}</p>}
    </Notice>
  );
}
