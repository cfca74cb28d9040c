import { type Distance } from './positions';

/** What the phone's own position suggests about a visit. It is proposed, never taken by itself. */
export type Hint = 'arrived' | 'left' | 'elsewhere' | null;

/** Coarser positions say nothing: the phone knows the quarter, not the door. */
export const COARSE_M = 200;
/** A fence of a site that has none. */
export const NEAR_M = 100;
/** Whoever says to be there from farther away than this beyond the fence is asked how that comes. */
export const FAR_M = 300;

/**
 * `arrived`: on the way, and the phone is within the fence. `left`: at work, and it surely is not. `elsewhere`: on the way,
 * and so far off that arriving needs a reason. A position of which nothing is sure gives no hint.
 */
export function hint(status: string, away: Distance | null, fence: number): Hint {
  if (!away || away.doubt > COARSE_M) return null;
  const reach = fence || NEAR_M;
  const surely = away.metres - away.doubt;
  if (status === 'en_route') return away.metres <= reach ? 'arrived' : surely > reach + FAR_M ? 'elsewhere' : null;
  if (status === 'working' || status === 'on_site') return surely > reach ? 'left' : null;
  return null;
}
