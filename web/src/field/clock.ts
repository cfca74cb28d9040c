import { useEffect, useState } from 'preact/hooks';
import { standing } from './data/client';

/** The present moment by the server's clock as far as it is known, epoch ms; whatever uses it is drawn again so often. */
export function useNow(everyMs: number): number {
  const [, redraw] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => redraw(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return Date.now() + (standing.value?.clockOffset ?? 0);
}
