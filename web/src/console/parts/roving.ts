import { useState } from 'preact/hooks';

const cardsIn = (list: EventTarget | null) => [...(list as HTMLElement).querySelectorAll<HTMLElement>('.visit-card')];

const STEPS: Record<string, (at: number, last: number) => number> = {
  ArrowDown: (at) => at + 1, ArrowUp: (at) => at - 1, Home: () => 0, End: (_, last) => last,
};

/** The arrows, Home and End walk through the cards of a list. */
function walk(event: KeyboardEvent): void {
  const cards = cardsIn(event.currentTarget);
  const at = cards.indexOf(document.activeElement as HTMLElement);
  const step = STEPS[event.key];
  if (!step || at < 0) return;
  event.preventDefault();
  cards[step(at, cards.length - 1)]?.focus();
}

/** A list of cards is one stop of Tab: that where the keyboard was last. `list` is for what holds them. */
export function useRoving(count: number) {
  const [at, setAt] = useState(0);
  const onFocusIn = (event: FocusEvent) => {
    const found = cardsIn(event.currentTarget).indexOf(event.target as HTMLElement);
    if (found >= 0) setAt(found);
  };
  const stop = Math.min(at, count - 1);
  return { tabOf: (place: number) => (place === stop ? 0 : -1), list: { onFocusIn, onKeyDown: walk } };
}
