import { useEffect, useRef, useState } from 'preact/hooks';
import { api, result } from '@shared/api';
import { merge, visits } from '../data/day';
import { onEvent } from '../data/events';
import { gathered } from '../data/live';
import type { Visit } from '../data/shapes';

/**
 * A visit by its id, whichever day is shown: it may have come by a link or a search, or have been given to another day
 * just now. What was seen last stays until it is read anew.
 */
export function useVisit(id: string): { visit: Visit | null; error: unknown } {
  const held = visits.value.get(id) ?? null;
  const last = useRef<Visit | null>(null);
  const [error, setError] = useState<unknown>(null);
  if (held) last.current = held;
  useEffect(() => {
    if (held) return;
    const read = () => readVisit(id).then((found) => (setError(null), merge([found])), setError);
    void read();
    const soon = gathered(read, 250);
    return onEvent((heard) => heard.id === id && soon());
  }, [id, !held]);
  return { visit: held ?? (last.current?.id === id ? last.current : null), error };
}

const readVisit = async (row_id: string): Promise<Visit> =>
  (await result(api.GET('/api/v1/visits/{row_id}', { params: { path: { row_id } } }))) as unknown as Visit;
