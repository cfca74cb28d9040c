import type { Row } from './types';
import type { Step } from './visit-table';

/** What the guards look at: rows that this device holds of one visit. The server's are in `app/work/guards.py`. */
export interface Evidence {
  visit: Row;
  jobType: Row | null;
  items: Row[];
  answers: Row[];
  media: Row[];
  signatures: Row[];
}

/** One thing that still keeps a visit from a step. `item` is the checklist item that is asked for. */
export interface Gap {
  guard: string;
  item?: Row;
  required?: number;
  present?: number;
}

/** Everything that still keeps the visit from `step`. They look at rows, never at bytes that may still be uploading. */
export function gaps(step: Step, evidence: Evidence): Gap[] {
  return step.guards.flatMap((guard) => GUARDS[guard]?.(evidence, step.to) ?? []);
}

const photos = (evidence: Evidence) => evidence.media.filter((row) => row.kind === 'photo');

function checklist({ items, answers, ...rest }: Evidence, to: string): Gap[] {
  const asked = items.filter((item) => item.required && item.at_status === to);
  return asked
    .filter((item) => {
      const given = answers.filter((answer) => answer.item_id === item.id);
      return item.kind === 'photo' ? !hasPhoto(item, given, photos({ items, answers, ...rest })) : !given.length;
    })
    .map((item) => ({ guard: 'checklist', item }));
}

function hasPhoto(item: Row, answers: Row[], taken: Row[]): boolean {
  const named = answers.flatMap((answer) => answer.value);
  return taken.some((photo) => photo.item_id === item.id || named.includes(photo.id));
}

const GUARDS: Record<string, (evidence: Evidence, to: string) => Gap[]> = {
  checklist,
  photos(evidence) {
    const required = Number(evidence.jobType?.required_photos ?? 0);
    const present = photos(evidence).length;
    return present < required ? [{ guard: 'photos', required, present }] : [];
  },
  signature({ jobType, signatures }) {
    return jobType?.requires_signature && !signatures.length ? [{ guard: 'signature' }] : [];
  },
  abort_asked({ visit }) {
    return visit.abort_asked_at ? [] : [{ guard: 'abort_asked' }];
  },
};
