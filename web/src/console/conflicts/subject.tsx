import { useEffect, useState } from 'preact/hooks';
import type { Conflict } from '../data/shapes';
import { useVisit } from '../panel/seen';
import { aboutOf } from './naming';

/** What a conflict is about: the number of the job, where, and whose. */
export function Subject({ conflict }: { conflict: Conflict }) {
  return conflict.visit_id ? <OfVisit conflict={conflict} visit_id={conflict.visit_id} /> : <Words conflict={conflict} visit={null} />;
}

function OfVisit({ conflict, visit_id }: { conflict: Conflict; visit_id: string }) {
  const { visit } = useVisit(visit_id);
  return visit && <Words conflict={conflict} visit={visit} />;
}

function Words({ conflict, visit }: { conflict: Conflict; visit: { job_id: string } | null }) {
  const [words, setWords] = useState<string[]>([]);
  useEffect(() => void aboutOf(conflict, visit).then(setWords), [conflict.id, visit?.job_id]);
  return <span>{words.join(' · ')}</span>;
}
