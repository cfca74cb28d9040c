import type { Reason, Row } from '../data/shapes';

export interface Change {
  visit_id: string;
  change: 'assigned' | 'moved' | 'retimed' | 'unassigned';
  from_engineer_id: string | null;
  to_engineer_id: string | null;
  from_start: string | null;
  to_start: string | null;
  broken?: boolean; // what was told of it is not kept
}
export interface Route {
  engineer_id: string;
  shift_id: string;
  start: string;
  travel_s: number;
  overtime_s: number;
  steps: Step[];
  strains: Reason[];
}
export interface Step {
  kind: string;
  visit_id: string | null;
  start: string;
  late_s: number;
}
/** Who goes, and when. */
export interface Placing {
  engineer_id: string;
  start: string;
}
interface Left {
  visit_id: string;
  overdue_s?: number;
  reasons: { rule: string; count: number; detail: string }[];
  cheapest: { engineer_id: string; reasons: Reason[]; detail: string }[];
}
interface Elsewhere {
  count: number;
  visits: { visit_id: string; when: 'later' | 'earlier' | 'gone'; at: string }[];
}
export interface Told {
  job_number: string;
  summary: string | null;
  priority: number;
  status: string;
  site_name: string | null;
  window_start: string | null;
  window_end: string | null;
}
type Figures = Record<'assigned' | 'drive_seconds' | 'late' | 'longest_late_s', number>;
export type DayPlan = Omit<Row<'FullDayPlan'>, 'routes' | 'unassigned' | 'totals' | 'difference' | 'before' | 'elsewhere' | 'visits'> & {
  routes: Route[] | null;
  unassigned: Left[] | null;
  difference: Change[] | null;
  totals: (Figures & Record<'unassigned' | 'overtime' | 'moved', number> & { broken?: number }) | null;
  before?: Figures | null;
  elsewhere?: Elsewhere | null;
  visits?: Record<string, Told> | null;
};
