import { useEffect, useState } from 'preact/hooks';
import { api, result } from '@shared/api';
import { may } from '../data/calls';
import { Input } from '../parts/select';
import { t } from './words';

const MOST = 50;
type State = { kept: number | null; wish: string; setWish: (wish: string) => void; keep: () => Promise<unknown> };

/** How much of each shift after today the organisation keeps free; `keep` saves what was changed. */
export function useSlack(onError: (error: unknown) => void): State {
  const [kept, setKept] = useState<number | null>(null);
  const [wish, setWish] = useState('');
  const known = (found: { slack_percent?: number }) => (setKept(found.slack_percent!), setWish(String(found.slack_percent)));
  useEffect(() => {
    void result(api.GET('/api/v1/dispatch/settings')).then(known, onError);
  }, []);
  const keep = async () => {
    const percent = Math.min(MOST, Math.max(0, Math.round(Number(wish) || 0)));
    if (kept === null || percent === kept || !may('organisation.write')) return;
    known(await result(api.PUT('/api/v1/dispatch/settings', { body: { slack_percent: percent } })));
  };
  return { kept, wish, setWish, keep };
}

/** Whoever may set up the organisation changes it here, others are told. */
export function Slack({ kept, wish, setWish }: State) {
  if (kept === null) return null;
  if (may('organisation.write')) return <Input label={t('slack')} type="number" value={wish} onValue={setWish} hint={t('slackHint')} />;
  return kept ? <span class="soft">{t('slackKept', { n: kept })}</span> : null;
}
