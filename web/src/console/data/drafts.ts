import { useEffect, useRef, useState } from 'preact/hooks';
import { session } from '@shared/api';
import { remembered } from '@shared/remembered';

/** Whoever signs in here next has drafts of their own, and does not see these. */
const keyOf = (what: string) => `draft.${session.current.value?.user.id ?? ''}.${what}`;

/** What is half written about `what`; null where nothing is. */
export function draftOf<Draft>(what: string): Draft | null {
  try {
    return JSON.parse(remembered.read(keyOf(what)) ?? 'null') as Draft | null;
  } catch {
    return null;
  }
}

/** Keeps what is half written in this browser; null once it is sent or thrown away. */
export const keep = <Draft>(what: string, draft: Draft | null): void => remembered.write(keyOf(what), draft === null ? null : JSON.stringify(draft));

type Change<Draft> = Draft | null | ((before: Draft) => Draft);

/**
 * A value that outlives the page until it is set to null, or back to what it began with: one component, one `what`.
 * Of two windows with the same words, those that the one sends are gone from the other; what else the other has stays.
 */
export function useDraft<Draft extends string | object>(what: string, empty: Draft): readonly [Draft, (to: Change<Draft>) => void] {
  const [draft, setDraft] = useState<Draft>(() => draftOf<Draft>(what) ?? empty);
  const newest = useRef(draft); // two changes may come before the form is drawn again
  const show = (next: Draft) => setDraft((newest.current = next));
  const keepNewest = () => keep(what, newest.current === empty ? null : newest.current);
  useEffect(() => remembered.watch(keyOf(what), (now, before) => {
    if (now !== null || newest.current === empty) return;
    if (before === JSON.stringify(newest.current)) show(empty);
    else keepNewest();
  }), [what]);
  const change = (to: Change<Draft>) => {
    show((typeof to === 'function' ? to(newest.current) : to) ?? empty);
    keepNewest();
  };
  return [draft, change];
}
