import { useState } from 'preact/hooks';
import { api, inWords, result } from '@shared/api';
import { dictionary } from '@shared/i18n';
import { Button } from '@shared/ui';
import { ifMatch, may } from '../data/calls';
import { day, merge } from '../data/day';
import { PLANNED } from '../data/risk';
import type { Visit } from '../data/shapes';
import { atClock, clock, dateOf } from '../data/time';
import { say } from '../data/toasts';
import { Input } from '../parts/select';

const t = dictionary(
  { change: 'Change the promised time', date: 'Day', from: 'From', to: 'Until', save: 'Promise this time', saved: '{number} has another promised time.', order: 'It ends before it begins.' },
  { change: '更改承诺时间', date: '日期', from: '从', to: '到', save: '承诺此时间', saved: '{number} 的承诺时间已更改。', order: '结束早于开始。' },
);
const clockOf = (moment: string | null) => (moment ? clock(moment) : '');
const dayOf = (visit: Visit) => (visit.window_start ?? visit.window_end ? dateOf(Date.parse((visit.window_start ?? visit.window_end)!)) : day.value);

/** Another window for a visit that has not begun: the way out where nobody can come in the promised one. */
export function PromiseForm({ visit, open }: { visit: Visit; open: boolean }) {
  const [date, setDate] = useState(dayOf(visit));
  const [from, setFrom] = useState(clockOf(visit.window_start));
  const [to, setTo] = useState(clockOf(visit.window_end));
  if (!may('visits.write') || !PLANNED.has(visit.status)) return null;
  const moment = (at: string) => (at ? new Date(atClock(date || day.value, at)).toISOString() : null);
  const save = async (event: Event) => {
    event.preventDefault();
    if (from && to && to <= from) return say('bad', t('order'));
    const params = { path: { row_id: visit.id } };
    const body = { window_start: moment(from), window_end: moment(to) };
    try {
      merge([(await result(api.PATCH('/api/v1/visits/{row_id}', { params, body, headers: ifMatch(visit.rev) }))) as unknown as Visit]);
      say('good', t('saved', { number: visit.job_number }));
    } catch (error) {
      say('bad', inWords(error));
    }
  };
  return (
    <details class="promise" open={open}>
      <summary>{t('change')}</summary>
      <form class="stack tight" onSubmit={save}>
        <Input label={t('date')} type="date" value={date} onValue={setDate} />
        <div class="row">
          <Input label={t('from')} type="time" value={from} onValue={setFrom} />
          <Input label={t('to')} type="time" value={to} onValue={setTo} />
        </div>
        <Button kind="primary" type="submit">{t('save')}</Button>
      </form>
    </details>
  );
}
