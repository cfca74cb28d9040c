import { afterEach, expect, test, vi } from 'vitest';
import { keeper } from '../../src/console/map/keeper';

afterEach(() => vi.useRealTimers());

test('a layer is put at once, then the newest after a rest, and never the same twice', () => {
  vi.useFakeTimers();
  const put: number[][] = [];
  const layer = keeper<number[]>((data) => put.push(data), () => 1_000);
  layer.take([1]);
  layer.take([2]);
  layer.take([3]);
  expect(put).toEqual([[1]]);
  vi.advanceTimersByTime(1_000);
  expect(put).toEqual([[1], [3]]);
  layer.take([4]);
  layer.take([3]);
  vi.advanceTimersByTime(5_000);
  layer.take([3]);
  expect(put).toEqual([[1], [3]]);
  layer.take([5]);
  expect(put).toEqual([[1], [3], [5]]);
});

test('a layer that has gone is not put any more', () => {
  vi.useFakeTimers();
  const put: number[][] = [];
  const layer = keeper<number[]>((data) => put.push(data), () => 1_000);
  layer.take([1]);
  layer.take([2]);
  layer.end();
  vi.advanceTimersByTime(5_000);
  expect(put).toEqual([[1]]);
});
