import { session } from '@shared/api';
import { formatTime, locale, timeFormat } from '@shared/i18n';

const DAY_MS = 86_400_000;

/** The organisation's time zone: all times of the desk are shown in it, wherever the dispatcher sits. */
export function zone(): string {
  return session.current.value?.user.organisation?.timezone ?? 'UTC';
}

/** The local date of a moment, as `2026-03-02`. */
export function dateOf(moment: number): string {
  return timeFormat('sv-SE', { timeZone: zone() }).format(moment);
}

/** The days that the desk knows: while a year is typed, it is 2, 20 and 202 before it is 2026. */
export const DAYS = { min: '1970-01-01', max: '2199-12-31' };

/** `text` when it is a whole day that may be meant, such as `2026-03-02`. */
export function dayIn(text: string | null | undefined): string | null {
  if (!text || !/^\d{4}-\d\d-\d\d$/.test(text) || text < DAYS.min || text > DAYS.max) return null;
  const read = new Date(`${text}T12:00:00Z`);
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(text) ? text : null;
}

/** The moment when a local date begins. */
export function dayStart(date: string): number {
  return atClock(date, '00:00');
}

/** The moment when the clocks of the zone show `clock` (`HH:MM`) on a local date; what they leap over is that much later. */
export function atClock(date: string, clock: string): number {
  const wanted = Date.parse(`${date}T${clock}:00Z`);
  const first = wanted - offset(wanted);
  const second = wanted - offset(first);
  return second + offset(second) === wanted ? second : Math.max(first, second);
}

/** The date some days before or after. */
export function shifted(date: string, days: number): string {
  return new Date(Date.parse(`${date}T12:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** How far the zone's clocks are ahead of UTC, in ms. */
function offset(moment: number): number {
  const shown = timeFormat('sv-SE', { timeZone: zone(), dateStyle: 'short', timeStyle: 'medium' });
  return Date.parse(`${shown.format(moment).replace(' ', 'T')}Z`) - Math.floor(moment / 1000) * 1000;
}

/** `10:35` in the zone. */
export function clock(moment: string | number): string {
  return formatTime(moment, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone() });
}

/** `10:35`, with the day where it is not `date`. */
export function when(moment: string | number, date = dateOf(Date.now())): string {
  const at = new Date(moment).getTime();
  if (dateOf(at) === date) return clock(at);
  return `${formatTime(at, { month: 'short', day: 'numeric', timeZone: zone() })} ${clock(at)}`;
}

const ROUND_MS = 5 * 60_000;

/** A moment that may be promised: what lies in the past becomes the next five minutes. */
export function sinceNow(moment: string | null): string | null {
  if (!moment || Date.parse(moment) > Date.now()) return moment;
  return new Date(Math.ceil(Date.now() / ROUND_MS) * ROUND_MS).toISOString();
}

/** `Mon 2 March`. */
export function dayName(date: string): string {
  const options = { weekday: 'short', month: 'short', day: 'numeric', timeZone: 'UTC' } as const;
  return timeFormat(locale.value, options).format(new Date(`${date}T12:00:00Z`));
}

export const ms = (moment: string | null | undefined): number | null => (moment ? Date.parse(moment) : null);
