import { useEffect, useState } from 'preact/hooks';
import type { components } from '@api';
import { api, result } from '@shared/api';
import { dictionary, formatTime } from '@shared/i18n';
import type { Visit } from '../data/rows';

type Letters = components['schemas']['Messages']['messages'];
const MOMENT = { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hour12: false } as const;

const t = dictionary(
  { letters: 'The customer and the office', customer: 'Customer', office: 'Office' },
  { letters: '客户与调度端的留言', customer: '客户', office: '调度端' },
);

/** What the customer and the office have written to each other, where there is a connection: it is not kept here. */
export function Letters({ visit }: { visit: Visit }) {
  const [letters, setLetters] = useState<Letters>([]);
  useEffect(() => {
    const call = api.GET('/api/v1/jobs/{job_id}/messages', { params: { path: { job_id: visit.job_id } } });
    void result(call).then(({ messages }) => setLetters(messages), () => undefined);
  }, [visit.job_id]);
  if (!letters.length) return null;
  return (
    <section class="card stack tight" id="letters">
      <h2>{t('letters')}</h2>
      {letters.map(({ at, by, text }) => (
        <p key={at} class="wrapped"><span class="soft">{t(by as 'office')} · {formatTime(at, MOMENT)}</span> {text}</p>
      ))}
    </section>
  );
}
