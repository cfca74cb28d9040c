import { signal } from '@preact/signals';
import { api, result } from '@shared/api';
import { may } from './calls';
import type { Row, Visit } from './shapes';
import { ms } from './time';

/** When a visit really is: what has begun began then, the rest is expected. */
export type Hours = Row<'Hour'>;

/** The hours of the day that is shown, as far as they are not just planned. */
export const really = signal<ReadonlyMap<string, Hours>>(new Map());

let wanted = ''; // the day that was asked for last

/** Reads them, of those engineers alone whose day changed; days to come are as planned. */
export async function readReally(date: string, today: string, whose: string[] | null): Promise<void> {
  wanted = date;
  if (!may('dispatch.read') || date > today) return;
  const query = { date, ...(whose ? { engineer_id: whose } : {}) };
  const asked = { params: { query }, querySerializer: { array: { style: 'form', explode: false } } } as const;
  const found = (await result(api.GET('/api/v1/dispatch/hours', asked))).visits as Hours[];
  if (date !== wanted) return;
  const others = whose ? [...really.value.values()].filter((one) => !whose.includes(one.engineer_id)) : [];
  really.value = new Map([...others, ...found].map((one) => [one.visit_id, one]));
}

/** From when until when a visit is on its engineer's day: as it is once it has begun, until then as it is planned. */
export function span(visit: Visit): [from: number, to: number] {
  const known = really.value.get(visit.id);
  if (known?.begun && visit.engineer_id === known.engineer_id) return [ms(known.start)!, ms(known.end)!];
  const from = ms(visit.planned_start ?? visit.window_start)!;
  return [from, ms(visit.planned_end) ?? from + visit.duration_s * 1000];
}
