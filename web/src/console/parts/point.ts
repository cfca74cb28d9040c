import type { Point } from '../data/shapes';

/** `31.2304, 121.4737` as a point; null when these are not two numbers on Earth. */
export function pointOf(words: string): Point | null {
  const numbers = words.split(/[\s,，]+/).filter(Boolean).map(Number);
  const [lat = NaN, lon = NaN] = numbers;
  const good = numbers.length === 2 && Math.abs(lat) <= 90 && Math.abs(lon) <= 180;
  return good ? { type: 'Point', coordinates: [lon, lat] } : null;
}
