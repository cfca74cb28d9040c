type Control = HTMLElement & { disabled?: boolean };

let last: { control: Control; within: HTMLElement[] } | null = null;
const isGone = ({ isConnected, disabled }: Control): boolean => !isConnected || Boolean(disabled);

/** Remembers what has the focus, and the places around it from the nearest outwards: once it is gone they are not known any more. */
function heard({ target }: FocusEvent): void {
  const within: HTMLElement[] = [];
  for (let one = (target as HTMLElement).parentElement; one; one = one.parentElement) if (one.matches('[tabindex]')) within.push(one);
  last = { control: target as Control, within };
}

/** Whoever leaves something that is still there wants it so. */
const left = ({ target }: FocusEvent): void => queueMicrotask(() => void (last?.control === target && !isGone(last!.control) && (last = null)));

/** Puts the focus on the nearest place that is still there, when what had it was taken away or switched off. */
function mend(): void {
  const at = document.activeElement;
  if (!last || !isGone(last.control) || (at !== document.body && at !== last.control)) return;
  const shown = ['.beside', 'main'].flatMap((place) => document.querySelector<HTMLElement>(place) ?? []);
  const place = [...last.within, ...shown].find((one) => one.isConnected);
  last = null;
  place?.focus({ preventScroll: true });
}

/** A pressed button often goes away with what it did: the keyboard stays where it was, and does not begin at the top of the page. */
export function keepFocus(): () => void {
  const seen = new MutationObserver(mend);
  seen.observe(document.body, { subtree: true, childList: true, attributeFilter: ['disabled'] });
  addEventListener('focusin', heard);
  addEventListener('focusout', left);
  return () => (seen.disconnect(), removeEventListener('focusin', heard), removeEventListener('focusout', left));
}
