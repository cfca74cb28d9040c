import type { Point } from './data/rows';

/** Where things lie on a sheet of paper, north up, and how long a bar of `metres` is on it. */
export interface Sketch {
  at: { x: number; y: number }[];
  bar: { metres: number; length: number };
}

const METRES_PER_DEGREE = 111_195;
const LEAST_M = 500; // whoever has one place, or two doors, sees no grains of sand
const STEPS = [5, 2, 1];

/** Lays places out on a sheet of `width` by `height`, as large as they fit within `margin`. */
export function sketch(places: Point[], width: number, height: number, margin: number): Sketch {
  const [lon0, lat0] = places[0]?.coordinates ?? [0, 0];
  const narrow = Math.cos((lat0 * Math.PI) / 180);
  const east = ([lon]: Point['coordinates']) => ((((lon - lon0 + 540) % 360) - 180) * narrow) * METRES_PER_DEGREE;
  const flat = places.map(({ coordinates }) => ({ x: east(coordinates), y: (coordinates[1] - lat0) * METRES_PER_DEGREE }));
  const [left, right] = span(flat.map(({ x }) => x));
  const [low, high] = span(flat.map(({ y }) => y));
  const scale = Math.min((width - 2 * margin) / Math.max(right - left, LEAST_M), (height - 2 * margin) / Math.max(high - low, LEAST_M));
  return {
    at: flat.map(({ x, y }) => ({ x: width / 2 + (x - (left + right) / 2) * scale, y: height / 2 - (y - (low + high) / 2) * scale })),
    bar: bar(width / 3 / scale, scale),
  };
}

function span(values: number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

/** The longest round length that is at most `most` metres. */
function bar(most: number, scale: number): Sketch['bar'] {
  const tens = 10 ** Math.floor(Math.log10(most));
  const metres = tens * STEPS.find((step) => step * tens <= most)!;
  return { metres, length: metres * scale };
}
