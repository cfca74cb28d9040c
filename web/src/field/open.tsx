import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { components } from '@api';
import { ProblemError, Unreachable, api, inWords, result, session } from '@shared/api';
import { dictionary, formatDuration, formatNumber, formatTime, locale } from '@shared/i18n';
import { newId } from '@shared/ids';
import { Button, Notice } from '@shared/ui';
import { nudge, standing } from './data/client';
import type { Point } from './data/rows';
import { distanceTo } from './positions';
import { address } from './route';
import { t as shared } from './words';

type Work = components['schemas']['OpenWork'];
type Outcome = { id: string; kind: 'good' | 'bad' | 'warn'; words: string };

const t = dictionary(
  {
    title: 'Open work',
    intro: 'Whoever claims it first gets it. Where exactly it is you see once it is yours.',
    none: 'There is no open work for you just now.',
    claim: 'Claim it',
    mine: 'It is yours. It is on this phone in a moment.',
    faster: 'Somebody else was faster.',
    unknown: 'No answer came. If the claim arrived, the visit appears under “Today”; otherwise try again.',
    needsLink: 'Claiming needs a connection: only the server knows who was first. Nothing is claimed on this phone alone.',
    asOf: 'As of {at}',
    refresh: 'Look again',
    urgent: 'Urgent',
    anytime: 'Any time',
    about: 'about {time} of work',
    away: '{n} km from here',
    due: 'due {at}',
  },
  {
    title: '可认领的任务',
    intro: '先认领者得。认领后可看到具体地址。',
    none: '目前没有您可认领的任务。',
    claim: '认领',
    mine: '任务归您，稍后将出现在本手机上。',
    faster: '已被他人抢先认领。',
    unknown: '未收到答复。如果认领成功，任务会出现在“今天”中；否则请重试。',
    needsLink: '认领需要网络：只有服务器知道谁先认领。本手机不会单独认领任何任务。',
    asOf: '截至 {at}',
    refresh: '刷新',
    urgent: '紧急',
    anytime: '时间不限',
    about: '约需 {time}',
    away: '距此 {n} 公里',
    due: '{at} 前完成',
  },
);
const DAY = { weekday: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false } as const;

/** What the server last said is open, and when; kept while the page lives, so that one can read it without a network. */
const known = signal<{ items: Work[]; at: string } | null>(null);
/** One key for each claim until it is answered: a claim whose answer was lost is not a second one. */
const keys = new Map<string, string>();

/** Whether this person may claim work at all. */
export function mayClaim(): boolean {
  return Boolean(session.current.value?.user.rights?.['visits.claim']);
}

/** Work that waits for whoever claims it first. The list and the claim are the server's: nothing here works offline. */
export function OpenWork() {
  const [fault, setFault] = useState<unknown>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const cut = standing.value?.phase === 'offline' || fault instanceof Unreachable;

  async function look() {
    try {
      const { items = [] } = await result(api.GET('/api/v1/dispatch/pool'));
      known.value = { items, at: new Date().toISOString() };
      setFault(null);
    } catch (error) {
      setFault(error);
    }
  }

  async function take(work: Work) {
    setOutcome(await claim(work.id!));
    await look();
  }

  useEffect(() => void look(), [standing.value?.contactAt]); // news of the server may be news of the pool
  return (
    <main class="stack">
      <a href={address()} class="button quiet back">‹ {shared('today')}</a>
      <h1>{t('title')}</h1>
      <p>{t('intro')}</p>
      {cut && <Notice kind="warn">{t('needsLink')}</Notice>}
      {fault != null && !cut && <Notice kind="bad">{inWords(fault)}</Notice>}
      {outcome && <Notice key={outcome.id} kind={outcome.kind}>{outcome.words}</Notice>}
      {known.value?.items.length === 0 && <Notice>{t('none')}</Notice>}
      <ul class="plain">
        {known.value?.items.map((work) => <Line key={work.id} work={work} cut={cut} onClaim={() => take(work)} />)}
      </ul>
      {known.value && <p class="soft">{t('asOf', { at: formatTime(known.value.at) })}</p>}
      <Button onClick={look}>{t('refresh')}</Button>
    </main>
  );
}

function Line({ work, cut, onClaim }: { work: Work; cut: boolean; onClaim: () => Promise<void> }) {
  const [busy, setBusy] = useState(false);
  const away = work.location && distanceTo(work.location as unknown as Point);
  const facts = [
    work.window_start && work.window_end ? `${formatTime(work.window_start, DAY)}–${formatTime(work.window_end)}` : t('anytime'),
    work.due_at && t('due', { at: formatTime(work.due_at, DAY) }),
    work.duration_s && t('about', { time: formatDuration(work.duration_s) }),
    away && t('away', { n: formatNumber(away.metres / 1000, { maximumFractionDigits: 1 }) }),
  ];
  return (
    <li class="card stack tight" id={`open-${work.id}`}>
      <div class="row">
        <strong class="grow">{work.job_type}</strong>
        {work.priority === 1 && <span class="state urgent">{t('urgent')}</span>}
      </div>
      <span>{facts.filter(Boolean).join(' · ')}</span>
      <Button kind="primary" busy={busy} disabled={cut} aria-label={`${t('claim')}: ${work.job_type}`}
        onClick={() => (setBusy(true), onClaim().finally(() => setBusy(false)))}>
        {t('claim')}
      </Button>
    </li>
  );
}

async function claim(id: string): Promise<Outcome> {
  const key = keys.get(id) ?? newId();
  keys.set(id, key);
  const headers = { 'Idempotency-Key': key, 'Accept-Language': locale.value };
  try {
    await result(api.POST('/api/v1/visits/{visit_id}/claim', { params: { path: { visit_id: id } }, headers }));
    nudge();
    return { id, kind: 'good', words: t('mine') };
  } catch (error) {
    if (error instanceof Unreachable) return { id, kind: 'warn', words: t('unknown') };
    keys.delete(id);
    const gone = error instanceof ProblemError && ['state-conflict', 'not-found'].includes(error.slug);
    return { id, kind: 'bad', words: gone ? t('faster') : inWords(error) };
  }
}
