import { span } from '../data/really';
import { scrolled } from './frame';
import { rows } from './rows';

const FOOT = 64; // px at the lower end that news may lie over

/** Brings the bar of a visit into sight of the board, beside its column of names and what lies over it. */
export function reveal(visit_id: string, scroller: HTMLElement, names: number, x: (moment: number) => number): void {
  const row = rows.peek().rows.find(({ bars }) => bars.some(({ visit }) => visit.id === visit_id));
  if (!row) return;
  const [from, to] = span(row.bars.find(({ visit }) => visit.id === visit_id)!.visit);
  const ruler = scroller.querySelector<HTMLElement>('.ruler')?.offsetHeight ?? 0;
  const over = document.querySelector('.beside')?.getBoundingClientRect().left ?? Infinity;
  const covered = Math.max(0, scroller.getBoundingClientRect().right - over);
  scroller.scrollTo({
    left: scrolled(scroller.scrollLeft, scroller.clientWidth - names - covered, x(from), x(to)),
    top: scrolled(scroller.scrollTop, scroller.clientHeight - ruler - FOOT, row.top, row.top + row.height),
  });
}
