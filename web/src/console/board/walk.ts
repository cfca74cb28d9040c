import type { BoardRow } from './rows';

type Bar = HTMLElement;
const [NAME, BAR] = ['.person-name', '.trip'];
const found = (row: Element, what: string) => [...row.querySelectorAll<Bar>(what)];
const rowOf = (bar: Bar) => bar.closest('.board-row')!;
const near = (bar: Bar) => (a: Bar, b: Bar) => Math.abs(a.offsetLeft - bar.offsetLeft) - Math.abs(b.offsetLeft - bar.offsetLeft);

const along = (to: (at: number, last: number) => number) => (bar: Bar) => {
  const bars = found(rowOf(bar), `${NAME}, ${BAR}`);
  return bars[to(bars.indexOf(bar), bars.length - 1)];
};
const across = (side: 'nextElementSibling' | 'previousElementSibling') => (bar: Bar) => {
  for (let row = rowOf(bar)[side]; row; row = row[side]) {
    const [nearest] = found(row, bar.matches(NAME) ? NAME : BAR).sort(near(bar));
    if (nearest) return nearest;
  }
  return undefined;
};
const STEPS: Record<string, (bar: Bar) => Bar | undefined> = {
  ArrowRight: along((at) => at + 1), ArrowLeft: along((at) => at - 1), Home: along(() => 0), End: along((_, last) => last),
  ArrowDown: across('nextElementSibling'), ArrowUp: across('previousElementSibling'),
};

/** From a bar the arrows go along its row, which begins with the name, and to the bar of the next row that is nearest in time. */
export function walk(event: KeyboardEvent): void {
  const bar = (event.target as HTMLElement).closest<Bar>(`${NAME}, ${BAR}`);
  const step = STEPS[event.key];
  if (!bar || !step) return;
  event.preventDefault();
  step(bar)?.focus();
}

/** The one bar that Tab comes to: that where the keyboard was last, else the first in sight. */
export function stopOf(shown: readonly BoardRow[], last: string | null, top: number): string | undefined {
  if (shown.some((row) => row.bars.some((bar) => bar.visit.id === last))) return last!;
  const busy = shown.filter((row) => row.bars.length);
  return (busy.find((row) => row.top >= top) ?? busy[0])?.bars[0]?.visit.id;
}
