import { expect, test } from 'vitest';
import { boxAround, metresBetween, pointOf } from '../../src/console/parts/point';

test.each([
  ['31.2304, 121.4737', 121.4737, 31.2304],
  ['  31.2304   121.4737 ', 121.4737, 31.2304],
  ['31.2304，121.4737', 121.4737, 31.2304],
  ['-33.86, 151.2', 151.2, -33.86],
  ['31.2304° N, 121.4737° E', 121.4737, 31.2304],
  ['33.86 S 70.6 W', -70.6, -33.86],
  ['北31.23 东121.47', 121.47, 31.23],
  ['geo:31.23,121.47?z=16', 121.47, 31.23],
  ['https://maps.example.org/place/@31.23,121.47,17z', 121.47, 31.23],
  ['https://maps.example.org/?q=31.23%2C121.47', 121.47, 31.23],
])('%j is a place', (words, lon, lat) => {
  expect(pointOf(words)).toEqual({ type: 'Point', coordinates: [lon, lat] });
});

test.each(['', '31.2', '91, 0', '0, 181', '1 Main Street', '31.2, 121.4, 7', '31,2; 121,4', 'https://example.org/'])('%j is none', (words) => {
  expect(pointOf(words)).toBeNull();
});

test('metres and boxes are about right, also near the poles', () => {
  expect(metresBetween([121, 31], [121, 31.001])).toBeCloseTo(111, 0);
  expect(metresBetween([10, 60], [10.001, 60])).toBeCloseTo(56, 0);
  const [west, south, east, north] = boxAround([10, 60], 500).split(',').map(Number) as [number, number, number, number];
  expect(metresBetween([west, 60], [east, 60])).toBeCloseTo(1000, -1);
  expect(metresBetween([10, south], [10, north])).toBeCloseTo(1000, -1);
});
