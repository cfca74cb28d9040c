import type { Feature, FeatureCollection } from 'geojson';
import { api, result } from '@shared/api';
import { dayBegins, dayEnds } from '../data/day';
import type { Position, Row } from '../data/shapes';

export type Track = Row<'Track'>;

/** An engineer's way of the day shown, to within a few metres. The server writes down who read it. */
export async function readTrack(engineer_id: string): Promise<Track> {
  const query = { from: new Date(dayBegins.value).toISOString(), to: new Date(dayEnds.value).toISOString(), tolerance_m: 5 };
  return (await result(api.GET('/api/v1/engineers/{engineer_id}/track', { params: { path: { engineer_id }, query } }))) as unknown as Track;
}

/** The way as lines: what was measured, and straight across the gaps, marked as such. */
export function trackLines(track: Track | null): FeatureCollection {
  const line = (track?.geometry as { coordinates?: Position[] } | null)?.coordinates ?? [];
  const features: Feature[] = [];
  const add = (coordinates: Position[], gap: boolean) =>
    coordinates.length > 1 && features.push({ type: 'Feature', properties: { gap }, geometry: { type: 'LineString', coordinates } });
  let from = 0;
  for (const { index } of (track?.gaps ?? []) as { index: number }[]) {
    add(line.slice(from, index + 1), false);
    add(line.slice(index, index + 2), true);
    from = index + 1;
  }
  add(line.slice(from), false);
  return { type: 'FeatureCollection', features };
}
