import type { FeatureCollection } from 'geojson';
import type { GeoJSONSource } from 'maplibre-gl';
import { useEffect, useRef } from 'preact/hooks';
import { territories } from '../data/day';
import type { Position } from '../data/shapes';
import { outline, useMap } from './gl';
import { areaShapes, extent } from './shapes';
import { t } from './words';

type Props = { corners: readonly Position[]; onCorner: (corner: Position) => void };

/** A map on which each click is the next corner of an area. */
export function Draw({ corners, onCorner }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const take = useRef(onCorner);
  take.current = onCorner;
  const { map, broken } = useMap(box, extent, (made) => {
    made.getCanvas().style.cursor = 'crosshair';
    made.on('click', ({ lngLat: { lng, lat } }) => take.current([rounded(lng), rounded(lat)]));
    void made.once('idle').then(() => outline(made));
  });
  useEffect(() => {
    void map?.getSource<GeoJSONSource>('areas')?.setData(shown(corners));
    void map?.getSource<GeoJSONSource>('people')?.setData(numbered(corners));
  }, [map, corners, territories.value]);
  return broken ? <p class="soft">{t('noGl')}</p> : <div class="canvas draw" ref={box} role="group" aria-label={t('map')} data-ready={Boolean(map)} />;
}

export const rounded = (degrees: number) => Math.round(degrees * 1e5) / 1e5; // a metre

/** The territories that are there, and the one that is drawn. */
function shown(corners: readonly Position[]): FeatureCollection {
  const there = areaShapes();
  if (corners.length < 2) return there;
  const coordinates = [[...corners, corners[0]!]];
  const mine = { type: 'Feature', geometry: { type: 'Polygon', coordinates }, properties: { name: '', chosen: true } } as const;
  return { ...there, features: [...there.features, mine as unknown as FeatureCollection['features'][number]] };
}

const numbered = (corners: readonly Position[]): FeatureCollection => ({
  type: 'FeatureCollection',
  features: corners.map((coordinates, at) => ({ type: 'Feature', geometry: { type: 'Point', coordinates }, properties: { name: String(at + 1), about: '', stale: false } })),
});
