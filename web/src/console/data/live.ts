import { effect, signal, untracked } from '@preact/signals';
import { api, result } from '@shared/api';
import { may } from './calls';
import { day, forget, load, loadLegs, loadPositions, refresh, refreshJob, reloadBasics, visits } from './day';
import { type Heard, listen, onEvent } from './events';

const BASICS = /^(engineer|shift|absence|territory|job_type|crew)s?\./;

/** How many conflicts wait for a decision. */
export const openConflicts = signal<number | null>(null);

export async function countConflicts(): Promise<void> {
  if (!may('sync.status')) return;
  openConflicts.value = (await result(api.GET('/api/v1/sync/status'))).open_conflicts;
}

/** Runs `work` once things have been quiet for `wait` ms, but at the latest after five times that. */
export function gathered(work: () => Promise<unknown>, wait: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let first = 0;
  const run = () => ((timer = undefined), (first = 0), work().catch(() => undefined)); // the next event tries again
  return () => {
    first ||= Date.now();
    clearTimeout(timer);
    timer = setTimeout(run, Math.max(0, Math.min(wait, first + 5 * wait - Date.now())));
  };
}

const jobs = new Set<string>();
const soon = {
  visits: gathered(refresh, 150),
  jobs: gathered(() => Promise.all([...jobs].map((id) => (jobs.delete(id), refreshJob(id)))), 150),
  basics: gathered(reloadBasics, 800),
  legs: gathered(loadLegs, 700),
  positions: gathered(loadPositions, 400),
  conflicts: gathered(countConflicts, 300),
};

/** What this desk did itself, or has read since, need not be read again. */
const isKnown = ({ id, rev }: Heard) => Boolean(id && rev && (visits.value.get(id)?.rev ?? 0) >= rev);

function take(heard: Heard): void {
  const { topic, id } = heard;
  if (topic === 'visit.deleted' && id) return forget(id);
  if (topic.startsWith('visit.') && isKnown(heard)) return soon.legs();
  if (topic.startsWith('visit.') || topic === 'plan.applied') return soon.visits(), soon.legs();
  if (topic.startsWith('job.') && id) return jobs.add(id), soon.jobs();
  if (topic.startsWith('conflict.')) return soon.conflicts();
  if (topic === 'position.moved') return soon.positions();
  if (BASICS.test(topic)) soon.basics();
}

/** Loads the day, and again when another is chosen; from then on what happens arrives by itself. */
export function begin(): void {
  effect(() => {
    void day.value;
    void untracked(load); // only another day loads anew
  });
  onEvent(take);
  void countConflicts().catch(() => undefined);
  // After a break what changed is read, whatever the stream may still tell.
  void listen(() => (soon.visits(), soon.positions(), soon.conflicts()));
}
