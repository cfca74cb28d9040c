import type { Visit } from '../data/shapes';
import { ms } from '../data/time';
import type { Refusal } from './rejected';

/** Another promised time at which somebody could come. */
export type Possible = { engineer_id: string; window_start: string; window_end: string };

const QUARTER_MS = 15 * 60_000;
const iso = (moment: number) => new Date(moment).toISOString();

/** The promised time of a visit, moved to where somebody could come to whom nothing but the time is in the way: by as little as can be. */
export function possible({ window_start, window_end }: Pick<Visit, 'window_start' | 'window_end'>, rejected: readonly Refusal[]): Possible | null {
  const [opens, closes] = [ms(window_start), ms(window_end)];
  if (opens === null || closes === null) return null;
  const misses = rejected.filter(({ reasons }) => reasons.every((one) => one.any_of)).flatMap(({ engineer_id, reasons }) =>
    reasons.filter((one) => one.rule === 'window_miss').map(({ numbers }) => ({ engineer_id, ...(numbers as { seconds: number; side: string }) })));
  const least = misses.sort((a, b) => a.seconds - b.seconds)[0];
  if (!least) return null;
  const comes = least.side === 'late' ? closes + least.seconds * 1000 : opens - least.seconds * 1000;
  const from = Math.floor(comes / QUARTER_MS) * QUARTER_MS;
  return { engineer_id: least.engineer_id, window_start: iso(from), window_end: iso(from + closes - opens) };
}
