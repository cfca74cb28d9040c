export const HOUR = 3600_000;
const ROOM = HOUR / 2;
const AHEAD = 2 * HOUR; // after now, so that what is urgent has somewhere to go

export type Span = [number, number];
/** A moment, and at which part of the width it stands. */
export type Aim = { moment: number; part: number };

/** From the first beginning to the last end, within bounds; null when nothing of it lies there. */
export function around(spans: readonly Span[], [least, most]: Span): Span | null {
  let found: Span | null = null;
  for (const [from, to] of spans) {
    if (to <= least || from >= most) continue;
    found = [Math.max(least, Math.min(from, found?.[0] ?? from)), Math.min(most, Math.max(to, found?.[1] ?? to))];
  }
  return found;
}

/** Whole hours around the work, and around `today`, the moment of now: the board always has a place for what is urgent. */
export function shownHours([first, last]: Span, today: number | null): Span {
  const from = Math.min(first, today ?? first) - ROOM;
  const to = today === null ? last + ROOM : Math.max(last + ROOM, today + AHEAD);
  return [Math.floor(from / HOUR) * HOUR, Math.ceil(to / HOUR) * HOUR];
}

/** How the board opens: now at a third of it, or the end of the work when that is over; before it, at its beginning. */
export const opens = ([first, last]: Span, today: number | null): Aim =>
  today === null || today < first - AHEAD ? { moment: first - ROOM, part: 0 } : { moment: Math.min(today, last), part: 1 / 3 };

const MARGIN = 12; // px that stay free beside what is brought into sight

/** How far to scroll so that what lies from `a` to `b` is seen: not at all where it is, else as little as possible. */
export function scrolled(at: number, seen: number, a: number, b: number): number {
  if (a >= at && b <= at + seen) return at;
  return a < at || b - a > seen ? Math.max(0, a - MARGIN) : b + MARGIN - seen;
}
