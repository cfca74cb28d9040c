import { dictionary } from '@shared/i18n';
import { atClock, clock, dateOf, dayIn } from '../data/time';
import { Input } from './select';

const t = dictionary(
  { date: 'Day', from: 'From', to: 'Until', order: 'It ends before it begins.', noDay: 'Write a whole day, with a year of four figures.' },
  { date: '日期', from: '从', to: '到', order: '结束早于开始。', noDay: '请填写完整日期，年份为四位数。' },
);

/** A promised time as it is written. */
export type Hours = { date: string; from: string; to: string };
type Window = { window_start: string | null; window_end: string | null };

/** The promised time of a visit; without one, of the day `date`. */
export function hoursOf({ window_start, window_end }: Window, date: string): Hours {
  const known = window_start ?? window_end;
  return { date: known ? dateOf(Date.parse(known)) : date, from: window_start ? clock(window_start) : '', to: window_end ? clock(window_end) : '' };
}

/** The promised time as the server takes it. Without hours nothing is promised. */
export function promised({ date, from, to }: Hours): Window {
  const moment = (at: string) => (at && date ? new Date(atClock(date, at)).toISOString() : null);
  return { window_start: moment(from), window_end: moment(to) };
}

/** Whether the promised time, or its day, is over. */
export function isOver(hours: Hours, now = Date.now()): boolean {
  const { window_start, window_end } = promised(hours);
  const last = window_end ?? window_start;
  return last ? Date.parse(last) < now : Boolean(hours.date) && hours.date < dateOf(now);
}

/** What is wrong with a day that may be left out, by the name of its field. */
export const wrongDay = (name: string, date: string): Record<string, string> => (date && !dayIn(date) ? { [name]: t('noDay') } : {});

/** What cannot be of a promised time, by its fields. */
export const wrongHours = ({ date, from, to }: Hours): Record<string, string> => ({
  ...((date || from || to) && !dayIn(date) && { date: t('noDay') }),
  ...(from && to && to <= from && { to: t('order') }),
});

/** Asks for a day, and from when until when. */
export function HoursFields({ hours, onHours, hint }: { hours: Hours; onHours: (hours: Partial<Hours>) => void; hint?: string | null }) {
  return (
    <div class="row spell">
      <Input label={t('date')} name="date" type="date" value={hours.date} onValue={(date) => onHours({ date })} />
      <Input label={t('from')} name="from" type="time" value={hours.from} onValue={(from) => onHours({ from })} />
      <Input label={t('to')} name="to" type="time" value={hours.to} onValue={(to) => onHours({ to })} />
      {hint && <span class="soft">{hint}</span>}
    </div>
  );
}
