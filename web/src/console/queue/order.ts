import type { Visit } from '../data/shapes';
import { ms } from '../data/time';

export const ORDERS = ['urgency', 'window', 'place', 'age'] as const;
export type Order = (typeof ORDERS)[number];

const FAR = Number.MAX_SAFE_INTEGER;
const closes = (visit: Visit) => ms(visit.window_end) ?? FAR;

const COMPARED: Record<Order, (a: Visit, b: Visit) => number> = {
  urgency: (a, b) => a.priority - b.priority || closes(a) - closes(b),
  window: (a, b) => closes(a) - closes(b) || a.priority - b.priority,
  place: (a, b) => (a.territory_id ?? '').localeCompare(b.territory_id ?? '') || a.priority - b.priority,
  age: (a, b) => ms(a.created_at)! - ms(b.created_at)!,
};

/** The visits in an order; equal ones by number, so that nothing jumps. */
export function ordered(visits: readonly Visit[], order: Order): Visit[] {
  return [...visits].sort((a, b) => COMPARED[order](a, b) || a.job_number.localeCompare(b.job_number));
}
