/** One entry of a job's trail. */
export type Deed = { id: string; job_id: string; event: string; reason: string | null; created_at: string };

/** The newest word of each job, where it is the customer's. `trail`: the newest first. */
export function unanswered(trail: readonly Deed[]): Deed[] {
  const newest = new Map<string, Deed>();
  for (const one of trail) if (!newest.has(one.job_id)) newest.set(one.job_id, one);
  return [...newest.values()].filter((one) => one.event === 'customer_wrote');
}
