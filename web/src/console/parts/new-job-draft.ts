import { newId } from '@shared/ids';
import { day } from '../data/day';
import { dateOf } from '../data/time';
import { type Hours, wrongHours } from './hours';
import { t } from './new-job-words';
import { pointOf } from './point';

/** A place where something may be wrong, and whose it is. */
export type Spot = { id: string; name: string; more: string; contact_id: string | null; account_id: string | null };

/** In place of a known contact: whoever is written down under `caller` and `phone`. */
export const NEW = 'new';

export interface Draft extends Hours {
  words: string; site: Spot | null; contact: string; asset: string; fresh: boolean; caller: string; phone: string; address: string; place: string;
  type: string; priority: string; summary: string; details: string;
  ids: Ids | null; // from the first press on: pressing again goes on where it failed, while another window writes a job of its own
}
type Ids = Record<'account' | 'contact' | 'site' | 'job', string>;
export const newIds = (): Ids => ({ account: newId(), contact: newId(), site: newId(), job: newId() });
/** What is written by hand, word by word. */
export type Words = Exclude<keyof Draft, 'ids' | 'site' | 'fresh'>;

/** An empty form: for the day that is shown, or today where that day is over. */
export function empty(): Draft {
  const today = dateOf(Date.now());
  return {
    words: '', site: null, contact: '', asset: '', fresh: false, caller: '', phone: '', address: '', place: '', type: '', priority: '3', summary: '', details: '',
    date: day.value < today ? today : day.value, from: '', to: '', ids: null,
  };
}

/** What is missing or cannot be, by the fields of the form. */
export function wrongIn({ fresh, address, place, site, contact, caller, type, ...rest }: Draft): Record<string, string> {
  return {
    ...(!fresh && !site && { who: t('where') }),
    ...(!fresh && site?.account_id && contact === NEW && !caller.trim() && { caller: t('noName') }),
    ...(fresh && !address.trim() && { address: t('noAddress') }),
    ...(fresh && place && !pointOf(place) && { place: t('badPlace') }),
    ...(!type && { type: t('kind') }),
    ...wrongHours(rest),
  };
}
