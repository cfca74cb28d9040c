import { newId } from '@shared/ids';
import { day } from '../data/day';
import { atClock, dateOf } from '../data/time';
import { t } from './new-job-words';
import { pointOf } from './point';

/** A place where something may be wrong, and whose it is. */
export type Spot = { id: string; name: string; more: string; contact_id: string | null; account_id: string | null };

/** In place of a known contact: whoever is written down under `caller` and `phone`. */
export const NEW = 'new';

export interface Draft {
  words: string; site: Spot | null; contact: string; asset: string; fresh: boolean; caller: string; phone: string; address: string; place: string;
  type: string; priority: string; summary: string; details: string; date: string; from: string; to: string;
  ids: Record<'account' | 'contact' | 'site' | 'job', string>; // made once a form: pressing again goes on where the last press failed
}
/** What is written by hand, word by word. */
export type Words = Exclude<keyof Draft, 'ids' | 'site' | 'fresh'>;

/** An empty form: for the day that is shown, or today where that day is over. */
export function empty(): Draft {
  const today = dateOf(Date.now());
  return {
    words: '', site: null, contact: '', asset: '', fresh: false, caller: '', phone: '', address: '', place: '', type: '', priority: '2', summary: '', details: '',
    date: day.value < today ? today : day.value, from: '', to: '', ids: { account: newId(), contact: newId(), site: newId(), job: newId() },
  };
}

type Hours = Pick<Draft, 'date' | 'from' | 'to'>;

/** The promised time as the server takes it. Without hours nothing is promised. */
export function promised({ date, from, to }: Hours): { window_start: string | null; window_end: string | null } {
  const moment = (clock: string) => (clock && date ? new Date(atClock(date, clock)).toISOString() : null);
  return { window_start: moment(from), window_end: moment(to) };
}

/** Whether the promised time, or its day, is over. */
export function isOver(hours: Hours, now = Date.now()): boolean {
  const { window_start, window_end } = promised(hours);
  const last = window_end ?? window_start;
  return last ? Date.parse(last) < now : Boolean(hours.date) && hours.date < dateOf(now);
}

/** What is missing or cannot be, by the fields of the form. */
export function wrongIn({ fresh, address, place, site, contact, caller, type, from, to }: Draft): Record<string, string> {
  return {
    ...(!fresh && !site && { who: t('where') }),
    ...(!fresh && site?.account_id && contact === NEW && !caller.trim() && { caller: t('noName') }),
    ...(fresh && !address.trim() && { address: t('noAddress') }),
    ...(fresh && place && !pointOf(place) && { place: t('badPlace') }),
    ...(!type && { type: t('kind') }),
    ...(from && to && to <= from && { to: t('order') }),
  };
}
