import { useEffect, useState } from 'preact/hooks';
import { api, inWords, result } from '@shared/api';
import { dictionary } from '@shared/i18n';
import { Button } from '@shared/ui';
import { may } from '../data/calls';
import { day, engineers, now } from '../data/day';
import { onEvent } from '../data/events';
import { gathered } from '../data/live';
import { isWaiting } from '../data/risk';
import type { Row, Visit } from '../data/shapes';
import { when } from '../data/time';
import { say } from '../data/toasts';
import { Choice, Input } from '../parts/select';
import { t as desk } from '../words';
import { nameOf, rows } from './facts';

const t = dictionary(
  {
    offer: 'Offer it', whoever: 'Whoever can, one after the other', order: 'Whom first', auto: 'The best', nearest: 'The nearest', round_robin: 'In turn', minutes: 'Minutes to answer', ask: 'Ask',
    asked: '{name} is asked; the answer is due by {time}.', gave: '{name} has it: no time to answer is set.', list: 'Who was asked',
    open: 'asked, answer by {time}', over: 'time is over', assigned: 'given without asking', accepted: 'accepted', declined: 'declined', expired: 'did not answer in time', withdrawn: 'taken back', claimed: 'claimed it',
  },
  {
    offer: '征询人员', whoever: '依次询问所有可去的人', order: '先问谁', auto: '最合适的', nearest: '最近的', round_robin: '轮流', minutes: '答复时限（分钟）', ask: '询问',
    asked: '已询问 {name}，请在 {time} 前答复。', gave: '已派给 {name}：未设答复时限。', list: '已询问的人',
    open: '已询问，{time} 前答复', over: '已超时', assigned: '未询问直接派发', accepted: '已接受', declined: '已拒绝', expired: '未按时答复', withdrawn: '已收回', claimed: '自行领取',
  },
);

type Offer = Row<'Offer'>;
const METHODS = ['auto', 'nearest', 'round_robin'] as const;

/** Who was asked for a visit and what each said; while it waits, somebody may be asked. */
export function Offers({ visit }: { visit: Visit }) {
  const [offers, setOffers] = useState<Offer[]>([]);
  const load = () => rows<Offer>(api.GET('/api/v1/offers', { params: { query: { visit_id: visit.id, limit: 200 } } })).then(setOffers, () => setOffers([]));
  useEffect(() => {
    if (!may('dispatch.read')) return;
    void load();
    const soon = gathered(load, 250);
    return onEvent((heard) => heard.visit_id === visit.id && soon());
  }, [visit.id, visit.rev]);
  const newest = [...offers].sort((a, b) => b.created_at!.localeCompare(a.created_at!));
  return (
    <>
      {isWaiting(visit) && may('dispatch.assign') && <Ask visit={visit} onDone={() => void load()} />}
      {newest.length > 0 && (
        <section class="offers" aria-label={t('list')}>
          <h3>{t('list')}</h3>
          <ul>{newest.map((one) => <li key={one.id}><strong>{nameOf(one.engineer_id) ?? '—'}</strong> · {said(one)} <span class="soft">{when(one.answered_at ?? one.created_at!, day.value)}</span></li>)}</ul>
        </section>
      )}
    </>
  );
}

function said({ answer, expires_at, reason }: Offer): string {
  if (answer === 'open') return expires_at && Date.parse(expires_at) < now.value ? t('over') : t('open', { time: expires_at ? when(expires_at, day.value) : '—' });
  const known = (['assigned', 'accepted', 'declined', 'expired', 'withdrawn', 'claimed'] as const).find((one) => one === answer);
  return [known ? t(known) : answer, reason].filter(Boolean).join(': ');
}

function Ask({ visit, onDone }: { visit: Visit; onDone: () => void }) {
  const [engineer, setEngineer] = useState('');
  const [method, setMethod] = useState<string>('auto');
  const [minutes, setMinutes] = useState('30');
  const [busy, setBusy] = useState(false);
  const ask = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      const body = { engineer_id: engineer || null, method, seconds: engineer && minutes ? Math.round(Number(minutes) * 60) : null };
      const made = (await result(api.POST('/api/v1/visits/{visit_id}/offers', { params: { path: { visit_id: visit.id } }, body: body as never }))) as Offer;
      const name = nameOf(made.engineer_id) ?? '';
      say('good', made.expires_at ? t('asked', { name, time: when(made.expires_at, day.value) }) : t('gave', { name }));
      onDone();
    } catch (error) {
      say('bad', inWords(error));
    }
    setBusy(false);
  };
  const people = [...engineers.value.values()].map((one) => [one.id, one.name] as const);
  return (
    <details class="fold">
      <summary>{t('offer')}</summary>
      <form class="stack tight" aria-label={t('offer')} onSubmit={ask}>
        <Choice label={desk('engineer')} value={engineer} onValue={setEngineer} options={[['', t('whoever')], ...people]} />
        {engineer ? (
          <Input label={t('minutes')} type="number" value={minutes} onValue={setMinutes} />
        ) : (
          <Choice label={t('order')} value={method} onValue={setMethod} options={METHODS.map((one) => [one, t(one)])} />
        )}
        <div class="row"><Button kind="primary" type="submit" busy={busy}>{t('ask')}</Button></div>
      </form>
    </details>
  );
}
