import { effect, signal } from '@preact/signals';
import { remembered } from '@shared/remembered';
import { may, mayOpen } from './data/calls';
import { day } from './data/day';
import { SCREENS, go, screen } from './data/route';
import { shifted } from './data/time';
import { undoLast } from './data/toasts';
import { creating, helping, searching } from './desk-state';

/** Whether single letters are keys: who speaks to the computer, or slips easily, switches them off (WCAG 2.1.4). */
export const letters = signal(remembered.read('console.letters') !== 'off');
effect(() => remembered.write('console.letters', letters.value ? null : 'off'));

/** Where the keyboard stands after a screen was chosen by key: at the beginning of it, not in the bar. */
const begin = () => document.querySelector('main')?.focus();

const goTo = (number: number) => mayOpen(SCREENS[number]!) && (go(SCREENS[number]!), begin());
const turn = (days: number) => go(screen(), { day: shifted(day.value, days) });
/** To the card or bar that Tab would come to. */
const stand = (place: string) => () => (document.querySelector<HTMLElement>(`${place}[tabindex="0"]`) ?? document.querySelector('main'))?.focus();

/** Key -> what it does. What is named here stands in the list of keys, too. */
const DEEDS: Record<string, () => void> = {
  '/': () => (searching.value = true),
  n: () => may('jobs.write') && (creating.value = true),
  q: stand('.queue .visit-card'),
  b: stand('.board .trip'),
  '[': () => turn(-1),
  ']': () => turn(1),
  '?': () => (helping.value = true),
  ...Object.fromEntries(SCREENS.map((_, number) => [String(number + 1), () => goTo(number)])),
};

/** The keys of the desk; none of them counts while somebody writes. A dialog that was closed keeps the focus until the next frame. */
export function keys(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (target.closest('input:not([type=checkbox], [type=range]), textarea, select, dialog[open]') || event.altKey) return;
  if ((event.ctrlKey || event.metaKey) && event.key === 'z') undoLast();
  else if (!letters.value || event.ctrlKey || event.metaKey || !DEEDS[event.key]) return;
  else DEEDS[event.key]!();
  event.preventDefault();
}
