import type { FeatureCollection } from 'geojson';
import type { ExpressionSpecification, LayerSpecification, SourceSpecification, StyleSpecification } from 'maplibre-gl';

const FONT = ['sans-serif']; // drawn by the browser itself: no font server is asked
const NOTHING: FeatureCollection = { type: 'FeatureCollection', features: [] };
export const SOURCES = ['land', 'grid', 'areas', 'silent', 'routes', 'track', 'visits', 'people', 'open'] as const;
export type Source = (typeof SOURCES)[number];

/** The page's own colours, so that the map is light or dark with it. */
export function palette(): Record<'paper' | 'land' | 'line' | 'soft' | 'ink' | 'accent' | 'good' | 'bad' | 'warn', string> {
  const probe = document.createElement('i');
  document.body.append(probe);
  const shade = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const found = {
    paper: shade('raised'), land: shade('surface'), line: shade('line'), soft: shade('line-soft'), ink: shade('ink'),
    accent: shade('accent'), good: shade('good'), bad: shade('bad'), warn: shade('warn'),
  };
  probe.remove();
  return found;
}

/** A heap of visits tells the most urgent that waits in it, and whether one of it is at risk. */
const CLUSTERED = {
  cluster: true, clusterRadius: 34, clusterMaxZoom: 12,
  clusterProperties: { worst: ['min', ['case', ['get', 'waiting'], ['get', 'priority'], 9]], risky: ['max', ['case', ['get', 'risky'], 1, 0]] },
};

/** A style of our own data alone: it needs no tiles, no fonts and no network. */
export function ownStyle(): StyleSpecification {
  const c = palette();
  const source = (name: Source): SourceSpecification => ({
    type: 'geojson', data: NOTHING, ...(name === 'visits' ? CLUSTERED : {}),
  });
  return {
    version: 8,
    sources: Object.fromEntries(SOURCES.map((name) => [name, source(name)])),
    layers: [{ id: 'paper', type: 'background', paint: { 'background-color': c.paper } }, ...ground(c), ...work(c)],
  };
}

type Colours = ReturnType<typeof palette>;

const ground = (c: Colours): LayerSpecification[] => [
  { id: 'land', type: 'fill', source: 'land', paint: { 'fill-color': c.land } },
  { id: 'borders', type: 'line', source: 'land', paint: { 'line-color': c.line, 'line-width': 1 } },
  { id: 'grid', type: 'line', source: 'grid', paint: { 'line-color': c.soft, 'line-width': 1 } },
  { id: 'grid-text', type: 'symbol', source: 'grid', layout: { 'text-field': ['get', 'text'], 'text-font': FONT, 'text-size': 10, 'symbol-placement': 'line' }, paint: { 'text-color': c.line } },
  { id: 'areas', type: 'fill', source: 'areas', paint: { 'fill-color': c.accent, 'fill-opacity': ['case', ['get', 'chosen'], 0.16, 0.05] } },
  { id: 'areas-line', type: 'line', source: 'areas', paint: { 'line-color': c.accent, 'line-width': ['case', ['get', 'chosen'], 2.5, 1], 'line-dasharray': [3, 2] } },
  { id: 'areas-text', type: 'symbol', source: 'areas', layout: { 'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': 13 }, paint: { 'text-color': c.accent, 'text-halo-color': c.land, 'text-halo-width': 2 } },
];

const urgency = (c: Colours, name: string): ExpressionSpecification => ['match', ['get', name], 1, c.bad, 2, c.warn, 3, c.accent, c.line];

/** Of a crowd something smaller, until one looks closer. */
const near = (crowded: number, usual: number): ExpressionSpecification => ['step', ['zoom'], ['case', ['==', ['get', 'crowd'], true], crowded, usual], 12, usual];

const work = (c: Colours): LayerSpecification[] => [
  { id: 'silent', type: 'circle', source: 'silent', paint: { 'circle-color': c.warn, 'circle-opacity': 0.28, 'circle-blur': 0.5, 'circle-radius': ['interpolate', ['exponential', 2], ['zoom'], 8, 6, 12, 26, 16, 120] } },
  { id: 'routes', type: 'line', source: 'routes', layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': ['get', 'colour'], 'line-width': 2, 'line-opacity': 0.65 } },
  { id: 'track', type: 'line', source: 'track', filter: ['!', ['get', 'gap']], paint: { 'line-color': c.bad, 'line-width': 4 } },
  { id: 'track-gaps', type: 'line', source: 'track', filter: ['get', 'gap'], paint: { 'line-color': c.bad, 'line-width': 2, 'line-dasharray': [1, 2] } },
  { id: 'clusters', type: 'circle', source: 'visits', filter: ['has', 'point_count'], paint: { 'circle-color': urgency(c, 'worst'), 'circle-radius': ['step', ['get', 'point_count'], 14, 10, 18, 100, 24], 'circle-stroke-color': ['case', ['==', ['get', 'risky'], 1], c.bad, c.land], 'circle-stroke-width': 2 } },
  { id: 'clusters-text', type: 'symbol', source: 'visits', filter: ['has', 'point_count'], layout: { 'text-field': ['get', 'point_count_abbreviated'], 'text-font': FONT, 'text-size': 12, 'text-allow-overlap': true }, paint: { 'text-color': c.land } },
  {
    id: 'visits', type: 'circle', source: 'visits', filter: ['!', ['has', 'point_count']],
    paint: {
      'circle-color': urgency(c, 'priority'),
      'circle-radius': ['case', ['get', 'waiting'], 8, 6],
      'circle-opacity': ['case', ['get', 'over'], 0.35, 1],
      'circle-stroke-color': ['case', ['get', 'risky'], c.bad, c.land],
      'circle-stroke-width': ['case', ['get', 'risky'], 3, 1.5],
    },
  },
  { id: 'people', type: 'circle', source: 'people', paint: { 'circle-color': c.land, 'circle-radius': near(5, 9), 'circle-stroke-width': near(3, 4), 'circle-stroke-color': ['case', ['get', 'stale'], c.line, c.good] } },
  { id: 'people-text', type: 'symbol', source: 'people', filter: ['any', ['!=', ['get', 'crowd'], true], ['>=', ['zoom'], 12]], layout: { 'text-field': ['concat', ['get', 'name'], '\n', ['get', 'about']], 'text-font': FONT, 'text-size': 12, 'text-offset': [0, 1.1], 'text-anchor': 'top', 'text-optional': true }, paint: { 'text-color': c.ink, 'text-halo-color': c.land, 'text-halo-width': 2 } },
  { id: 'open-halo', type: 'circle', source: 'open', paint: { 'circle-color': 'transparent', 'circle-radius': 17, 'circle-stroke-width': 8, 'circle-stroke-color': c.land } },
  { id: 'open', type: 'circle', source: 'open', paint: { 'circle-color': 'transparent', 'circle-radius': 19, 'circle-stroke-width': 4, 'circle-stroke-color': c.accent } },
];
