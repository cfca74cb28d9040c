import { batch, computed, effect, signal } from '@preact/signals';
import { api, inWords, result } from '@shared/api';
import { locale } from '@shared/i18n';
import { remembered } from '@shared/remembered';
import { type Layer, MOST, all, may, visitLayer } from './calls';
import { readReally } from './really';
import { asked } from './route';
import type { Absence, Engineer, Latest, Leg, Shift, Territory, Visit } from './shapes';
import { dateOf, dayIn, dayStart, ms, shifted } from './time';

const LIMIT = 200;
const LATE_COMMIT_MS = 60_000; // a change may carry an older time than one that was seen before it

/** Now, to the half minute: what depends on the clock is drawn again by it. */
export const now = signal(Date.now());
setInterval(() => (now.value = Date.now()), 30_000);

/** The local day that the desk shows. */
export const day = computed(() => dayIn(asked('day')) ?? dateOf(now.value));
export const dayBegins = computed(() => dayStart(day.value));
export const dayEnds = computed(() => dayStart(shifted(day.value, 1)));

/** How long after midnight the work of a day may go on. */
export const NIGHT_MS = 6 * 3600_000;

/** The territory that the desk is narrowed to; null shows all. */
export const territory = signal<string | null>(remembered.read('console.territory'));
effect(() => remembered.write('console.territory', territory.value));

export const visits = signal<ReadonlyMap<string, Visit>>(new Map());
export const engineers = signal<ReadonlyMap<string, Engineer>>(new Map());
export const territories = signal<ReadonlyMap<string, Territory>>(new Map());
export interface JobKind {
  id: string;
  code: string;
  name: string;
  duration_s: number;
  dispatch_method: string;
  required_skills: { skill_id: string }[];
}
export const jobTypes = signal<ReadonlyMap<string, JobKind>>(new Map());
export const shifts = signal<readonly Shift[]>([]);
export const absences = signal<readonly Absence[]>([]);
export const latest = signal<ReadonlyMap<string, Latest>>(new Map());
export const legs = signal<ReadonlyMap<string, Leg>>(new Map());

/** How the data stand: `fault` in words when the last load failed, `at` when it last succeeded. */
export const loaded = signal<{ day: string | null; at: number | null; fault: string | null }>({
  day: null,
  at: null,
  fault: null,
});

const byId = <Item extends { id: string }>(rows: readonly Item[]) => new Map(rows.map((row) => [row.id, row]));

/** Everything that the day shows, anew; each part is shown as soon as it is there, and what is largest is asked for last. */
export function load(): Promise<void> {
  const date = day.value;
  void loadPositions().catch(() => undefined); // they come again by themselves, as the ways between visits do
  const mine = told(date, () => Promise.all([loadVisits(date), loadBasics(date)])).finally(() => {
    if (loading === mine) loading = null;
  });
  void mine.then(() => (date === day.value ? loadLegs() : undefined)).catch(() => undefined);
  return (loading = mine);
}

let loading: Promise<void> | null = null;

/** Who works when and where, anew; the visits stay. */
export async function reloadBasics(): Promise<void> {
  await told(day.value, () => loadBasics(day.value));
}

/** How `work` for a day ended is told to the desk, unless another day was asked for meanwhile. */
async function told(date: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
    if (date === day.value) loaded.value = { day: date, at: Date.now(), fault: null };
  } catch (error) {
    if (date === day.value) loaded.value = { ...loaded.value, fault: inWords(error) };
  }
}

const span = (more = 0) => ({ from: new Date(dayBegins.value).toISOString(), to: new Date(dayEnds.value + more).toISOString() });

/** Whether the day has more visits than are shown, and the territory that was asked for because of it. */
export const crowded = signal<{ cut: boolean; area: string | null }>({ cut: false, area: null });

async function loadVisits(date: string): Promise<void> {
  const area = crowded.value.cut || crowded.value.area ? territory.value : null; // of so many, those of the territory
  const within: Record<string, string> = area ? { territory_id: area } : {};
  const waiting = visitLayer({ unassigned: true, ...within }).then((found) => {
    if (loaded.value.day !== date && date === day.value) merge(found.rows); // the queue does not wait for the board
    return found;
  });
  const held = waiting.then(() => visitLayer({ ...span(NIGHT_MS), ...within }));
  const found = await Promise.all([held, waiting]);
  if (date !== day.value) return;
  const known = visits.value;
  const newer = (row: Visit) => ((known.get(row.id)?.rev ?? 0) > row.rev ? known.get(row.id)! : row); // told of while this was read
  batch(() => {
    crowded.value = { cut: found.some((one) => one.more), area };
    visits.value = byId(found.flatMap((one) => one.rows).map(newer));
  });
}

async function loadBasics(date: string): Promise<void> {
  const [people, calendar, away, areas, types] = await Promise.all([
    staff(),
    all<Shift>((cursor) => list('/api/v1/shifts', { ...span(), cursor })),
    may('absences.read') ? all<Absence>((cursor) => list('/api/v1/absences', { ...span(), cursor })) : [],
    all<Territory>((cursor) => list('/api/v1/territories', { sort: 'name', cursor })),
    all<JobKind>((cursor) => list('/api/v1/job-types', { sort: 'name', cursor })),
  ]);
  if (date !== day.value) return;
  batch(() => {
    engineers.value = byId(people);
    [shifts.value, absences.value] = [calendar, away];
    [territories.value, jobTypes.value] = [byId(areas), byId(types)];
  });
}

/** Who works here, by name: as one layer, because hundreds are a page after a page as a list. */
async function staff(): Promise<Engineer[]> {
  const asked = { params: { query: { active: true, limit: MOST } as never }, headers: { Accept: 'application/geo+json' } };
  const layer = (await result(api.GET('/api/v1/engineers', asked))) as unknown as Layer<Engineer, 'home'>;
  const rows = layer.features.map(({ geometry, properties }) => ({ ...properties, home: geometry }) as Engineer);
  const order = new Intl.Collator(locale.peek());
  return rows.sort((a, b) => order.compare(a.name, b.name));
}

type Lists = '/api/v1/shifts' | '/api/v1/absences' | '/api/v1/territories' | '/api/v1/job-types';

async function list(path: Lists, query: Record<string, unknown>): Promise<never> {
  return (await result(api.GET(path, { params: { query: { limit: LIMIT, ...query } as never } }))) as never;
}

/** What changed since the newest change that is known. */
export async function refresh(): Promise<void> {
  let newest = 0;
  for (const visit of visits.value.values()) newest = Math.max(newest, ms(visit.updated_at) ?? 0);
  if (!newest) return loading ?? load(); // the stream begins before the day is there: once is enough
  const { rows, more } = await visitLayer({ updated_since: new Date(newest - LATE_COMMIT_MS).toISOString() });
  if (more) return loading ?? load(); // more than one answer holds
  merge(rows);
  loaded.value = { ...loaded.value, at: Date.now(), fault: null };
}

/** The visits of a job, after the job itself changed. */
export async function refreshJob(job_id: string): Promise<Visit[]> {
  const { rows } = await visitLayer({ job_id });
  merge(rows);
  return rows;
}

/** Newer rows take the place of older ones, never the other way round. */
export function merge(rows: readonly Visit[]): void {
  const next = new Map(visits.value);
  for (const row of rows) {
    const known = next.get(row.id);
    if (row.rev < (known?.rev ?? 0)) continue;
    next.set(row.id, row);
    if (known && goesElsewhere(known, row)) driven(known, row);
    else if (!known) driven(row);
  }
  visits.value = next;
}

export function forget(id: string): void {
  const next = new Map(visits.value);
  const known = next.get(id);
  if (next.delete(id)) visits.value = next;
  if (known) driven(known);
}

/** Engineers whose drives are not known any more, because a visit came, went or moved. */
export const astray = signal<ReadonlySet<string>>(new Set());

const goesElsewhere = (a: Visit, b: Visit) =>
  a.engineer_id !== b.engineer_id || a.planned_start !== b.planned_start || a.site_id !== b.site_id || a.status !== b.status;

function driven(...rows: Visit[]): void {
  const whose = rows.flatMap((row) => row.engineer_id ?? []);
  if (whose.length) astray.value = new Set([...astray.value, ...whose]);
}

export async function loadPositions(): Promise<void> {
  if (!may('positions.read')) return;
  const found = (await result(api.GET('/api/v1/engineers/positions'))) as unknown as { items: Latest[] };
  latest.value = byId(found.items);
}

/** The drives of the day. */
export async function loadLegs(): Promise<void> {
  astray.value = new Set();
  await readLegs(null);
}

const MANY = 40; // of more engineers than that everybody's drives are read

/** The drives of those alone whose day changed: those of hundreds are much work for the server. */
export async function refreshLegs(): Promise<void> {
  const whose = astray.value;
  if (!whose.size) return;
  if (whose.size > MANY) return loadLegs();
  astray.value = new Set();
  try {
    await readLegs([...whose]);
  } catch (error) {
    astray.value = new Set([...astray.value, ...whose]);
    throw error;
  }
}

async function readLegs(whose: string[] | null): Promise<void> {
  if (!may('dispatch.read')) return;
  const date = day.value;
  const query = { date, ...(whose ? { engineer_id: whose } : {}) };
  const asked = { params: { query }, querySerializer: { array: { style: 'form', explode: false } } } as const;
  const hours = readReally(date, dateOf(now.value), whose);
  hours.catch(() => undefined); // told below, once the drives are there
  const found = (await result(api.GET('/api/v1/dispatch/legs', asked))).legs as Leg[];
  if (date !== day.value) return;
  const others = whose ? [...legs.value.values()].filter((leg) => !whose.includes(leg.engineer_id)) : [];
  legs.value = new Map([...others, ...found].map((leg) => [leg.visit_id, leg]));
  await hours;
}
