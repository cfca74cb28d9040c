import { computed } from '@preact/signals';
import { absences, engineers, shifts, territory } from '../data/day';
import { span } from '../data/really';
import { routes } from '../data/risk';
import type { Absence, Engineer, Shift, Visit } from '../data/shapes';

export const LANE = 40; // height of a lane of a row, px
export const PAD = 6;

export interface Placed {
  visit: Visit;
  lane: number;
}
export interface BoardRow {
  engineer: Engineer;
  shifts: Shift[];
  absences: Absence[];
  bars: Placed[];
  top: number;
  height: number;
}

const serves = (one: Engineer) => !territory.value || !one.territory_ids.length || one.territory_ids.includes(territory.value);

/** Overlapping visits lie on lanes below one another, so that none hides another. */
export function lanes(route: readonly Visit[]): Placed[] {
  const free: number[] = [];
  const inOrder = route.map((visit) => ({ visit, span: span(visit) })).sort((a, b) => a.span[0] - b.span[0]);
  return inOrder.map(({ visit, span: [from, to] }) => {
    const found = free.findIndex((until) => until <= from);
    const lane = found < 0 ? free.length : found;
    free[lane] = to;
    return { visit, lane };
  });
}

function byEngineer<Item extends { engineer_id: string }>(list: readonly Item[]): Map<string, Item[]> {
  const found = new Map<string, Item[]>();
  for (const one of list) found.set(one.engineer_id, [...(found.get(one.engineer_id) ?? []), one]);
  return found;
}

/** The people of the day, those with a shift or with work, each with what they do, from top to bottom. */
export const rows = computed(() => {
  const [working, away] = [byEngineer(shifts.value), byEngineer(absences.value)];
  let top = 0;
  const found: BoardRow[] = [];
  for (const engineer of engineers.value.values()) {
    const [hours, route] = [working.get(engineer.id) ?? [], routes.value.get(engineer.id) ?? []];
    if (!serves(engineer) || !(hours.length || route.length)) continue;
    const bars = lanes(route);
    const height = Math.max(1, ...bars.map((bar) => bar.lane + 1)) * LANE + 2 * PAD;
    found.push({ engineer, shifts: hours, absences: away.get(engineer.id) ?? [], bars, top, height });
    top += height;
  }
  return { rows: found, height: top };
});
