import { expect, test, vi } from 'vitest';
import type { Session } from '@shared/api';

vi.hoisted(() => vi.stubGlobal('location', { origin: 'http://server', pathname: '/', search: '' }));
const { session } = await import('@shared/api');
const { atClock, dayStart } = await import('../../src/console/data/time');

const at = (timezone: string, date: string, clock: string) => {
  session.current.value = { user: { id: 'u', organisation: { timezone } }, deviceId: 'd', tokens: null } as unknown as Session;
  return new Date(atClock(date, clock)).toISOString().slice(0, 16);
};

test.each([
  ['Asia/Shanghai', '2026-03-02', '08:00', '2026-03-02T00:00'],
  ['America/New_York', '2026-03-08', '01:30', '2026-03-08T06:30'],
  ['America/New_York', '2026-03-08', '02:30', '2026-03-08T07:30'],
  ['America/New_York', '2026-03-08', '03:30', '2026-03-08T07:30'],
  ['Europe/Berlin', '2026-03-29', '02:30', '2026-03-29T01:30'],
  ['Europe/Berlin', '2026-10-25', '12:00', '2026-10-25T11:00'],
  ['Australia/Lord_Howe', '2026-10-04', '02:15', '2026-10-03T15:45'],
])('in %s the clocks show %s %s at %s, and an hour that they leap over is that much later', (zone, date, clock, moment) => {
  expect(at(zone, date, clock)).toBe(moment);
});

test('a day begins when its first hour does, also where midnight is leapt over', () => {
  expect(at('Africa/Cairo', '2026-04-24', '12:00')).toBe('2026-04-24T09:00');
  expect(new Date(dayStart('2026-04-24')).toISOString().slice(0, 16)).toBe('2026-04-23T22:00');
});
