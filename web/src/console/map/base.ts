import type { LayerSpecification, SourceSpecification, StyleSpecification } from 'maplibre-gl';

/** A ground that the installation names: a style, or pictures. Without one the map draws its own outlines. */
export interface Base {
  style?: string;
  tiles?: string;
  attribution?: string;
}

/** What the server says of the ground (`CALLOUT_MAP_STYLE`, `CALLOUT_MAP_TILES`). */
export const base: Base = JSON.parse(globalThis.document?.documentElement.dataset.map || '{}') as Base;

const GROUND = new Set(['paper', 'land', 'borders', 'grid', 'grid-text']);

/** Our own data over a style of somebody else, in a font that this style has. */
export function over(ground: StyleSpecification, own: StyleSpecification): StyleSpecification {
  const font = ground.layers.map((one) => (one.type === 'symbol' ? one.layout?.['text-font'] : null)).find(Array.isArray);
  const dressed = (layer: LayerSpecification): LayerSpecification =>
    ground.glyphs && font && layer.type === 'symbol' ? { ...layer, layout: { ...layer.layout, 'text-font': font as string[] } } : layer;
  const ours = own.layers.filter((layer) => !GROUND.has(layer.id)).map(dressed);
  return { ...ground, sources: { ...ground.sources, ...own.sources }, layers: [...ground.layers, ...ours] };
}

/** Our own data over pictures. */
export function overTiles({ tiles, attribution }: Base, own: StyleSpecification): StyleSpecification {
  const source = { type: 'raster' as const, tiles: [tiles!], tileSize: 256, ...(attribution ? { attribution } : {}) } satisfies SourceSpecification;
  const [paper, ...rest] = own.layers.filter((layer) => layer.id === 'paper' || !GROUND.has(layer.id));
  return { ...own, sources: { ...own.sources, tiles: source }, layers: [paper!, { id: 'tiles', type: 'raster', source: 'tiles' }, ...rest] };
}

/** The style of this installation's maps; `null` when the ground that is named cannot be had: the outlines are drawn then. */
export async function styled(own: StyleSpecification, { style, tiles, attribution }: Base = base): Promise<StyleSpecification | null> {
  if (!style) return tiles ? overTiles({ tiles, ...(attribution ? { attribution } : {}) }, own) : own;
  try {
    const answer = await fetch(style);
    return answer.ok ? over((await answer.json()) as StyleSpecification, own) : null;
  } catch {
    return null;
  }
}
