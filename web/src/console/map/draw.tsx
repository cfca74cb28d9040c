import { useSignalEffect } from '@preact/signals';
import type { FeatureCollection } from 'geojson';
import type { GeoJSONSource, Map as GlMap } from 'maplibre-gl';
import { useEffect, useRef, useState } from 'preact/hooks';
import { theme } from '@shared/theme';
import { territories } from '../data/day';
import type { Position } from '../data/shapes';
import { drawn, repaint } from './gl';
import { areaShapes, extent } from './shapes';
import { t } from './words';

type Props = { corners: readonly Position[]; onCorner: (corner: Position) => void };

/** A map on which each click is the next corner of an area. */
export function Draw({ corners, onCorner }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const take = useRef(onCorner);
  take.current = onCorner;
  const [map, setMap] = useState<GlMap | null>(null);
  const [broken, setBroken] = useState(false);
  useEffect(() => {
    const made = drawn(box.current!, extent());
    if (!made) return setBroken(true);
    made.getCanvas().style.cursor = 'crosshair';
    made.on('click', ({ lngLat: { lng, lat } }) => take.current([rounded(lng), rounded(lat)]));
    void made.once('load').then(() => setMap(made));
    return () => made.remove();
  }, []);
  useSignalEffect(() => {
    void theme.value;
    if (map) repaint(map);
  });
  useEffect(() => {
    void map?.getSource<GeoJSONSource>('areas')?.setData(shown(corners));
    void map?.getSource<GeoJSONSource>('people')?.setData(numbered(corners));
  }, [map, corners, territories.value]);
  return broken ? <p class="soft">{t('noGl')}</p> : <div class="canvas draw" ref={box} role="group" aria-label={t('map')} data-ready={Boolean(map)} />;
}

const rounded = (degrees: number) => Math.round(degrees * 1e5) / 1e5; // a metre

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
  features: corners.map((coordinates, at) => ({ type: 'Feature', geometry: { type: 'Point', coordinates }, properties: { name: String(at + 1), age: '', stale: false } })),
});
