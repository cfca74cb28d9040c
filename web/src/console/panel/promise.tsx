import { useState } from 'preact/hooks';
import { api, result } from '@shared/api';
import { dictionary } from '@shared/i18n';
import { Button } from '@shared/ui';
import { ifMatch, may } from '../data/calls';
import { day, merge } from '../data/day';
import { PLANNED } from '../data/risk';
import type { Visit } from '../data/shapes';
import { say } from '../data/toasts';
import { Form, Wrong, at } from '../parts/form';
import { type Hours, HoursFields, hoursOf, promised, wrongHours } from '../parts/hours';
import { promise as inWords } from '../queue/card';
import { nameOf } from './facts';
import type { Possible } from './possible';

const t = dictionary(
  { change: 'Change the promised time', save: 'Promise this time', saved: '{number} has another promised time.', could: '{name} could come {time}' },
  { change: '更改承诺时间', save: '承诺此时间', saved: '{number} 的承诺时间已更改。', could: '{name} 可在 {time} 上门' },
);

/** Whether another time can be promised: the visit has not begun. */
export const mayPromise = (visit: Visit): boolean => may('visits.write') && PLANNED.has(visit.status);

/** Promises other hours of a visit. */
export async function promise(visit: Visit, hours: Hours): Promise<void> {
  const wrong = wrongHours(hours);
  if (Object.keys(wrong).length) throw new Wrong(wrong);
  const call = api.PATCH('/api/v1/visits/{row_id}', { params: { path: { row_id: visit.id } }, body: promised(hours), headers: ifMatch(visit.rev) });
  merge([(await at({ window_start: 'from', window_end: 'to' }, result(call))) as unknown as Visit]);
}

/** Another window for a visit that has not begun: the way out where nobody can come in the promised one. */
export function PromiseForm({ visit, open, best }: { visit: Visit; open: boolean; best: Possible | null }) {
  const [hours, setHours] = useState(() => hoursOf(visit, day.value));
  const [fault, setFault] = useState<unknown>(null);
  if (!mayPromise(visit)) return null;
  const save = (event: Event) => {
    event.preventDefault();
    void promise(visit, hours).then(() => (setFault(null), say('good', t('saved', { number: visit.job_number }))), setFault);
  };
  return (
    <details class="promise" open={open}>
      <summary>{t('change')}</summary>
      {best && <Button onClick={() => setHours(hoursOf(best, day.value))}>{t('could', { name: nameOf(best.engineer_id) ?? '—', time: inWords(best) })}</Button>}
      <Form fault={fault} onSubmit={save}>
        <HoursFields hours={hours} onHours={(some) => setHours({ ...hours, ...some })} />
        <Button kind="primary" type="submit">{t('save')}</Button>
      </Form>
    </details>
  );
}
