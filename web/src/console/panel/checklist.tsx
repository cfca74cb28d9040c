import { useEffect, useState } from 'preact/hooks';
import type { Visit } from '../data/shapes';
import { checklist } from './facts';
import { t } from './job-words';

/** What was asked at a visit and what was answered, once anything was. */
export function Checklist({ visit }: { visit: Visit }) {
  const [list, setList] = useState<Awaited<ReturnType<typeof checklist>>>([]);
  useEffect(() => void checklist(visit.id).then(setList, () => setList([])), [visit.id, visit.rev]);
  if (!list.some(([, answer]) => answer !== null)) return null;
  return (
    <section class="checklist">
      <h3>{t('checklist')}</h3>
      <dl class="facts">
        {list.map(([question, answer]) => (
          <div key={question}><dt>{question}</dt><dd>{answer ?? '—'}</dd></div>
        ))}
      </dl>
    </section>
  );
}
