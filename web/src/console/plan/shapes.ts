import type { Reason, Row } from '../data/shapes';

export interface Change {
  visit_id: string;
  change: 'assigned' | 'moved' | 'retimed' | 'unassigned';
  from_engineer_id: string | null;
  to_engineer_id: string | null;
  from_start: string | null;
  to_start: string | null;
}
interface Route {
  engineer_id: string;
  travel_s: number;
  overtime_s: number;
  steps: { kind: string; visit_id: string | null; start: string; late_s: number }[];
  strains: Reason[];
}
interface Left {
  visit_id: string;
  reasons: { rule: string; count: number; detail: string }[];
  cheapest: { engineer_id: string; reasons: Reason[]; detail: string }[];
}
export type DayPlan = Omit<Row<'FullDayPlan'>, 'routes' | 'unassigned' | 'totals' | 'difference'> & {
  routes: Route[] | null;
  unassigned: Left[] | null;
  difference: Change[] | null;
  totals: Record<'assigned' | 'unassigned' | 'drive_seconds' | 'overtime' | 'late' | 'moved', number> | null;
};
