import type { components } from '@api';

type Schemas = components['schemas'];
/** A row as the server answers it: every member is there. */
export type Row<Name extends keyof Schemas> = Required<Schemas[Name]>;

export type Position = [number, number];
export type Point = { type: 'Point'; coordinates: Position };
type Placed<Shape> = Omit<Shape, 'location'> & { location: Point | null };

export type Visit = Placed<Row<'Visit'>>;
export type Job = Placed<Row<'Job'>>;
export type Site = Placed<Row<'Site'>>;
export type Engineer = Omit<Row<'Engineer'>, 'home'> & { home: Point | null };
export type Shift = Row<'Shift'>;
export type Absence = Row<'Absence'>;
export type Territory = Omit<Row<'Territory'>, 'area'> & { area: { type: 'Polygon'; coordinates: Position[][] } | null };
export type Latest = Omit<Row<'Latest'>, 'location'> & { location: Point };
export type Leg = Row<'Leg'>;
export type Conflict = Row<'Conflict'>;
export type Candidate = Row<'Candidate'>;
export type Reason = Row<'RuleReason'>;
export type Status = Visit['status'];

/** What assigning says besides the visit: a rule that breaks, or a visit that begins later. */
export interface Warning {
  rule: string;
  detail?: string;
  visit_id?: string;
  delay_s?: number;
  late_s?: number;
}

/** Whether a value is a point on Earth. */
export const isPoint = (value: unknown): value is Point =>
  typeof value === 'object' && value !== null && (value as Point).type === 'Point' && Array.isArray((value as Point).coordinates);
