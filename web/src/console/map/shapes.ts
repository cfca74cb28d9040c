import type { Feature, FeatureCollection } from 'geojson';
import { formatDuration } from '@shared/i18n';
import { day, engineers, jobTypes, latest, now, territories, territory, visits } from '../data/day';
import { OVER, isHere, isRisky, isWaiting, routes, starts, waiting } from '../data/risk';
import type { Position, Visit } from '../data/shapes';
import { clock, dateOf } from '../data/time';
import { statusName } from '../words';
import { t } from './words';

export type StateFilter = 'all' | 'waiting' | 'planned' | 'underway' | 'done';
const UNDER_WAY = new Set(['en_route', 'on_site', 'working', 'paused']);
const STALE_MS = 15 * 60_000;
const CROWD = 40; // of more people than that all routes and names cover the map and tell nothing
const NEAR = 0.01; // degrees around what is shown: a single place is no box

const collection = (features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features });
const feature = (geometry: Feature['geometry'], properties: Record<string, unknown>): Feature => ({ type: 'Feature', geometry, properties });

function stateOf(visit: Visit): StateFilter {
  if (isWaiting(visit)) return 'waiting';
  if (OVER.has(visit.status)) return 'done';
  return UNDER_WAY.has(visit.status) ? 'underway' : 'planned';
}

const demands = (visit: Visit, skill: string) =>
  !skill || Boolean(jobTypes.value.get(visit.job_type_id)?.required_skills.some((one) => one.skill_id === skill));

/** The visits of the day with a place, in the territory, of the state and kind that are asked for; coloured by what matters. */
export function visitPoints(state: StateFilter, skill = ''): FeatureCollection {
  const seen = [...waiting.value, ...[...routes.value.values()].flat().filter(isHere)];
  return collection(
    seen.filter((visit) => visit.location && (state === 'all' || stateOf(visit) === state) && demands(visit, skill)).map((visit) =>
      feature(visit.location!, {
        id: visit.id, priority: visit.priority, waiting: isWaiting(visit), over: OVER.has(visit.status),
        risky: isRisky(visit),
      }),
    ),
  );
}

/** Where the visit is that is open beside the map: a ring around it, also around a heap that it lies in. */
export function openPoint(id: string | null): FeatureCollection {
  const place = visits.value.get(id ?? '')?.location;
  return collection(place ? [feature(place, {})] : []);
}

const works = (id: string, skill: string) => {
  const person = engineers.value.get(id);
  const inArea = !territory.value || !person?.territory_ids.length || person.territory_ids.includes(territory.value);
  return Boolean(person && inArea && (!skill || person.skills.some((one) => one.skill_id === skill)));
};

/** What an engineer does now, or does next; of another day than today nothing is said. */
export function doing(id: string): string {
  if (day.value !== dateOf(now.value)) return '';
  const route = routes.value.get(id) ?? [];
  const busy = route.find((visit) => UNDER_WAY.has(visit.status));
  if (busy) return statusName(busy.status);
  const next = route.find((visit) => !OVER.has(visit.status));
  return next ? t('next', { time: clock(starts(next)!) }) : t('free');
}

/** Where everybody was last, with the age of it and what they do; of a crowd the names come when one looks closer. */
export function peoplePoints(skill: string): FeatureCollection {
  const seen = [...latest.value.values()].filter((one) => works(one.engineer_id, skill));
  const crowd = seen.length > CROWD;
  return collection(
    seen.map((one) => {
      const age = Math.max(0, now.value - Date.parse(one.at));
      const about = [formatDuration(age / 1000), doing(one.engineer_id)].filter(Boolean).join(' · ');
      return feature(one.location, { id: one.engineer_id, name: one.name, stale: age > STALE_MS, about, crowd });
    }),
  );
}

const driving = (skill: string) => [...routes.value].filter(([id]) => works(id, skill));

/** Whether there are so many routes that only those of whom is chosen are drawn. */
export const isCrowd = (skill: string): boolean => driving(skill).length > CROWD;

/** Each engineer's way through the day, from home from visit to visit; of a crowd only that of `chosen`. */
export function routeLines(skill: string, chosen: readonly (string | null | undefined)[] = []): FeatureCollection {
  const all = driving(skill);
  const crowd = all.length > CROWD;
  return collection(
    all.flatMap(([id, route], place) => {
      if (crowd && !chosen.includes(id)) return [];
      const home = engineers.value.get(id)?.home?.coordinates;
      const stops = route.flatMap((visit) => (visit.location ? [visit.location.coordinates] : []));
      const line = home ? [home, ...stops] : stops;
      return line.length > 1 ? [feature({ type: 'LineString', coordinates: line }, { colour: `hsl(${(place * 137) % 360} 55% 50%)` })] : [];
    }),
  );
}

export function areaShapes(): FeatureCollection {
  return collection(
    [...territories.value.values()].flatMap((one) => (one.area ? [feature(one.area, { name: one.name, chosen: one.id === territory.value })] : [])),
  );
}

/** Meridians and parallels around what is seen, a step that leaves a handful of them. */
export function graticule([west, south, east, north]: [number, number, number, number]): FeatureCollection {
  const steps = [30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01];
  const step = steps.find((one) => (east - west) / one > 4) ?? 0.01;
  const lines: Feature[] = [];
  const text = (degrees: number, names: [string, string]) => `${Math.abs(degrees).toFixed(step < 1 ? 2 : 0)}° ${names[degrees < 0 ? 1 : 0]}`;
  for (let lon = Math.floor(west / step) * step; lon <= east; lon += step) {
    lines.push(feature({ type: 'LineString', coordinates: [[lon, south], [lon, north]] }, { text: text(lon, ['E', 'W']) }));
  }
  for (let lat = Math.floor(south / step) * step; lat <= north; lat += step) {
    lines.push(feature({ type: 'LineString', coordinates: [[west, lat], [east, lat]] }, { text: text(lat, ['N', 'S']) }));
  }
  return collection(lines);
}

/** The box around everything that the day shows; null when nothing has a place. */
export function extent(): [Position, Position] | null {
  const there = [...waiting.value, ...[...routes.value.values()].flat().filter(isHere), ...[...latest.value.values()].filter((one) => works(one.engineer_id, ''))];
  const points = there.flatMap((one) => (one.location ? [one.location.coordinates] : []));
  for (const area of territories.value.values()) points.push(...(area.area?.coordinates[0] ?? []));
  if (!points.length) points.push(...[...engineers.value.values()].flatMap((one) => (one.home ? [one.home.coordinates] : [])));
  if (!points.length) return null;
  const [lons, lats] = [points.map((one) => one[0]), points.map((one) => one[1])];
  const least = (list: number[]) => list.reduce((a, b) => Math.min(a, b));
  const most = (list: number[]) => list.reduce((a, b) => Math.max(a, b));
  return [[least(lons) - NEAR, least(lats) - NEAR], [most(lons) + NEAR, most(lats) + NEAR]];
}
