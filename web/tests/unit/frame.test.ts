import { expect, test } from 'vitest';
import { HOUR, around, opens, scrolled, shownHours } from '../../src/console/board/frame';

const at = (...hours: [number, number]): [number, number] => [hours[0] * HOUR, hours[1] * HOUR];

test('the hours of the work are those within the day, and within the night that follows', () => {
  expect(around([at(8, 17), at(20, 26)], at(0, 30))).toEqual(at(8, 26));
  expect(around([at(-3, 2), at(8, 40)], at(0, 30))).toEqual(at(0, 30));
  expect(around([at(-9, 0), at(30, 31)], at(0, 30))).toBeNull();
});

test('now has room on the board at any hour of its day', () => {
  for (let now = 0; now < 24; now += 0.25) {
    const [from, to] = shownHours(at(8, 17), now * HOUR);
    expect(from).toBeLessThanOrEqual(Math.min(8, now) * HOUR);
    expect(to).toBeGreaterThanOrEqual(Math.max(17, now + 2) * HOUR);
    expect([from % HOUR, to % HOUR].map(Math.abs)).toEqual([0, 0]);
  }
  expect(shownHours(at(8, 17), null)).toEqual(at(7, 18));
});

test('the board opens at now while there is work, before it at its beginning, and after it at its end', () => {
  expect(opens(at(8, 17), 12 * HOUR)).toEqual({ moment: 12 * HOUR, part: 1 / 3 });
  expect(opens(at(8, 17), 7 * HOUR)).toEqual({ moment: 7 * HOUR, part: 1 / 3 });
  expect(opens(at(8, 17), 2 * HOUR)).toEqual({ moment: 7.5 * HOUR, part: 0 });
  expect(opens(at(8, 17), 22 * HOUR)).toEqual({ moment: 17 * HOUR, part: 1 / 3 });
  expect(opens(at(8, 17), null)).toEqual({ moment: 7.5 * HOUR, part: 0 });
});

test('a bar is brought into sight by as little as can be, and not at all when it is seen', () => {
  expect(scrolled(100, 500, 200, 300)).toBe(100);
  expect(scrolled(100, 500, 550, 650)).toBe(162);
  expect(scrolled(100, 500, 40, 90)).toBe(28);
  expect(scrolled(0, 100, 0, 300)).toBe(0);
});
