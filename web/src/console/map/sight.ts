import type { Map as GlMap } from 'maplibre-gl';
import type { Position } from '../data/shapes';

const EDGE = 30; // px: closer to the edge a ring is cut

/** Moves the map to a place that is not in sight, because it lies outside or under what is open; else it stays. Returns how to give up. */
export function bringIntoSight(map: GlMap, place: Position): () => void {
  const waiting = requestAnimationFrame(() => {
    map.resize(); // what opens beside the map has just made it smaller
    const room = map.getContainer().getBoundingClientRect();
    const beside = document.querySelector('.beside')?.getBoundingClientRect();
    const right = Math.min(room.right, beside?.left ?? room.right) - room.left;
    const { x, y } = map.project(place);
    const seen = x > EDGE && x < right - EDGE && y > EDGE && y < room.height - EDGE;
    if (!seen) map.easeTo({ center: place, offset: [(right - room.width) / 2, 0] });
  });
  return () => cancelAnimationFrame(waiting);
}
