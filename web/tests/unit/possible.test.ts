import { expect, test, vi } from 'vitest';
import type { Reason } from '../../src/console/data/shapes';

vi.hoisted(() => vi.stubGlobal('location', { origin: 'http://server', pathname: '/', search: '' }));
const { possible } = await import('../../src/console/panel/possible');

const at = (clock: string) => `2026-03-02T${clock}:00.000Z`;
const visit = { window_start: at('09:00'), window_end: at('11:00') };
const reason = (rule: string, any_of: boolean, numbers = {}) => ({ rule, any_of, numbers, detail: '' }) as unknown as Reason;
const misses = (minutes: number, side = 'late') => reason('window_miss', true, { seconds: minutes * 60, side });

test('another time is proposed by whoever misses the promise by least, and has nothing else in the way', () => {
  const rejected = [
    { engineer_id: 'unskilled', reasons: [reason('skill', false), misses(5)] },
    { engineer_id: 'late', reasons: [misses(100), reason('displaces', true)] },
    { engineer_id: 'best', reasons: [misses(66)] },
  ];
  expect(possible(visit, rejected)).toEqual({ engineer_id: 'best', window_start: at('12:00'), window_end: at('14:00') });
  expect(possible(visit, [{ engineer_id: 'early', reasons: [misses(20, 'early')] }])).toEqual({ engineer_id: 'early', window_start: at('08:30'), window_end: at('10:30') });
  expect(possible(visit, rejected.slice(0, 1))).toBeNull();
  expect(possible({ window_start: null, window_end: null }, rejected)).toBeNull();
});
