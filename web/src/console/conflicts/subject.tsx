import { useVisit } from '../panel/seen';

/** Which visit it is about: the number of its job, and where. */
export function Subject({ visit_id }: { visit_id: string }) {
  const { visit } = useVisit(visit_id);
  return visit ? <span>{visit.job_number} · {visit.site_name}</span> : null;
}
