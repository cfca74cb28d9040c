import type { Point, Position } from '../data/shapes';

const NUMBER = String.raw`([+-]?\d+(?:\.\d+)?)\s*°?\s*`;
const PAIR = new RegExp(String.raw`^([NS北南])?\s*${NUMBER}([NS])?[\s,，;]+([EW东西])?\s*${NUMBER}([EW])?$`, 'i');
const LINK = /^(?:geo:|https?:\/\/.*?[@=/])(-?\d+(?:\.\d+)?)(?:,|%2C)\s*(-?\d+(?:\.\d+)?)/i;
const BACK = /[SW南西]/i;

/** What people paste: `31.2304, 121.4737`, `31.2304° N 121.4737° E`, a `geo:` address or a link of a map; null for anything else. */
export function pointOf(words: string): Point | null {
  const text = words.trim();
  const link = LINK.exec(text);
  const pair = PAIR.exec(text);
  if (link) return point(Number(link[1]), Number(link[2]));
  if (!pair) return null;
  const [, before = '', lat, after = '', left = '', lon, right = ''] = pair;
  return point(Number(lat) * (BACK.test(before + after) ? -1 : 1), Number(lon) * (BACK.test(left + right) ? -1 : 1));
}

const point = (lat: number, lon: number): Point | null =>
  Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { type: 'Point', coordinates: [lon, lat] } : null;

/** A place as it is written: latitude first. */
export const wordsOfPoint = ([lon, lat]: Position): string => `${lat}, ${lon}`;

const METRES = 111_320; // a degree of latitude

/** Metres between two places that are near to one another. */
export function metresBetween([lon, lat]: Position, [toLon, toLat]: Position): number {
  const x = (toLon - lon) * Math.cos((lat * Math.PI) / 180);
  return Math.hypot(x, toLat - lat) * METRES;
}

/** The box of so many metres around a place, as a list of the server takes it. */
export function boxAround([lon, lat]: Position, metres: number): string {
  const up = metres / METRES;
  const across = up / Math.max(0.05, Math.cos((lat * Math.PI) / 180));
  return [lon - across, lat - up, lon + across, lat + up].map((one) => one.toFixed(6)).join(',');
}
