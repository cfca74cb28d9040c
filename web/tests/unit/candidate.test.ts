import { expect, test, vi } from 'vitest';
import type { Candidate } from '../../src/console/data/shapes';

vi.hoisted(() => {
  vi.stubGlobal('location', { origin: 'http://server', pathname: '/', search: '?day=2026-03-02' });
  vi.stubGlobal('addEventListener', () => undefined);
});
const { isTight, share, times } = await import('../../src/console/panel/candidate');

const at = (clock: string) => `2026-03-02T${clock}:00Z`;
const comes = (eta: string, start: string) => ({ eta: at(eta), start: at(start), end: at('15:00') }) as Candidate;

test('the best fills the bar, whatever its score, and the others by how far they are behind', () => {
  expect(share(-18, [-18])).toBe(1);
  expect([-18, -36].map((one) => share(one, [-18, -36]))).toEqual([1, 0.5]);
  expect(share(-900, [12, -900])).toBeGreaterThan(0);
});

test('a candidate begins when the promised time does; only a long wait before it is told', () => {
  expect(times(comes('13:50', '14:00'))).toBe('begins 14:00, done 15:00');
  expect(times(comes('12:24', '14:00'))).toBe('begins 14:00, done 15:00 · waits 96 min before');
});

test('it is told when next to nothing of the promised time is left', () => {
  expect(isTight(comes('11:50', '11:50'), { window_end: at('12:00') })).toBe(true);
  expect(isTight(comes('11:40', '11:40'), { window_end: at('12:00') })).toBe(false);
  expect(isTight(comes('11:50', '11:50'), { window_end: null })).toBe(false);
});

test('a phone number is dialled without what is written only for the eye', async () => {
  const { dialled } = await import('../../src/console/parts/person');
  expect(['+44(0)1134 960-673', '187 9834 2663'].map(dialled)).toEqual(['+441134960673', '18798342663']);
});
