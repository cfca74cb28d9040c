import type { FeatureCollection } from 'geojson';
import { feature } from 'topojson-client';
import type { Topology } from 'topojson-specification';
import outlines from 'world-atlas/countries-50m.json?url';

/** Coasts and borders (Natural Earth), part of the build: the map has a ground without any tile server. */
export async function land(): Promise<FeatureCollection> {
  const world = (await (await fetch(outlines)).json()) as Topology;
  return feature(world, world.objects.countries!) as FeatureCollection;
}
