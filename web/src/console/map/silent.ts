import type { FeatureCollection } from 'geojson';
import { api, result } from '@shared/api';
import type { Point, Row } from '../data/shapes';

export type Silent = Omit<Row<'SilentSite'>, 'location'> & { location: Point };

/** Where phones fell silent lately: sites from which most of what was recorded came late. */
export async function readSilent(): Promise<Silent[]> {
  return ((await result(api.GET('/api/v1/silent-sites'))) as unknown as { items: Silent[] }).items;
}

export const silentPoints = (sites: readonly Silent[] | null): FeatureCollection => ({
  type: 'FeatureCollection',
  features: (sites ?? []).map(({ id, name, location, late, facts }) => ({ type: 'Feature', geometry: location, properties: { id, name, late, facts } })),
});
