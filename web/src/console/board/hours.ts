import { computed } from '@preact/signals';
import { day, dayBegins, dayEnds, now, shifts } from '../data/day';
import { span as hoursOf } from '../data/really';
import { nightEnds, routes } from '../data/risk';
import { dateOf, ms } from '../data/time';
import { HOUR, type Span, around, opens, shownHours } from './frame';

const USUAL = [7, 19] as const; // the hours of a day on which nobody works

/** Now, where the day that is shown is today. */
export const today = computed(() => (day.value === dateOf(now.value) ? now.value : null));

const spans = computed((): Span[] => [
  ...shifts.value.map((one): Span => [ms(one.starts_at)!, ms(one.ends_at)!]),
  ...[...routes.value.values()].flat().map(hoursOf),
].filter(([from]) => from < dayEnds.value));

/** When the work of the day begins and ends; that of a night goes on after midnight. */
const work = computed((): Span => {
  const begins = dayBegins.value;
  return around(spans.value, [begins, nightEnds.value]) ?? [begins + USUAL[0] * HOUR, begins + USUAL[1] * HOUR];
});

/** The hours that the board shows. */
export const span = computed((): Span => {
  const [from, to] = shownHours(work.value, today.value);
  return [Math.max(dayBegins.value, from), to];
});

/** Where it opens: what is left of the night before is no beginning. */
export const aim = computed(() => {
  const begun = spans.value.filter(([from]) => from >= dayBegins.value);
  return opens(around(begun, [dayBegins.value, nightEnds.value]) ?? work.value, today.value);
});
