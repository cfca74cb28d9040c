import { effect, signal, untracked } from '@preact/signals';
import { api, result } from '@shared/api';
import { may } from './calls';
import { astray, crowded, day, forget, load, loadPositions, now, refresh, refreshJob, refreshLegs, reloadBasics, territory, visits } from './day';
import { type Heard, listen, onEvent } from './events';
import { readReally } from './really';
import { dateOf } from './time';

const BASICS = /^(engineer|shift|absence|territory|job_type|crew)s?\./;

const EXPECTED_ANEW_MS = 2 * 60_000; // what is expected moves on with the clock, also when nothing happens

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
  visits: gathered(refresh, 60),
  jobs: gathered(() => Promise.all([...jobs].map((id) => (jobs.delete(id), refreshJob(id)))), 150),
  basics: gathered(reloadBasics, 800),
  legs: gathered(refreshLegs, 700),
  hours: gathered(() => readReally(day.value, dateOf(now.value), null), 0),
  positions: gathered(loadPositions, 400),
  conflicts: gathered(countConflicts, 300),
};

/** What this desk did itself, or has read since, need not be read again. */
const isKnown = ({ id, rev }: Heard) => Boolean(id && rev && (visits.value.get(id)?.rev ?? 0) >= rev);

function take(heard: Heard): void {
  const { topic, id } = heard;
  if (topic === 'visit.deleted' && id) return forget(id);
  if (topic.startsWith('visit.') && isKnown(heard)) return;
  if (topic.startsWith('visit.') || topic === 'plan.applied') return soon.visits();
  if (topic.startsWith('job.') && id) return jobs.add(id), soon.jobs();
  if (topic.startsWith('conflict.')) return soon.conflicts();
  if (topic === 'position.moved') return soon.positions();
  if (BASICS.test(topic)) soon.basics();
}

/** Loads the day, and again when another is chosen; from then on what happens arrives by itself. */
export function begin(): void {
  let first: Promise<void> | null = null;
  effect(() => {
    void day.value;
    const loading = untracked(load); // only another day loads anew
    first ??= loading;
  });
  effect(() => {
    void territory.value;
    untracked(() => (crowded.value.cut || crowded.value.area) && void load()); // so many visits that they come by territory
  });
  effect(() => void (astray.value.size && soon.legs()));
  setInterval(() => document.hidden || soon.hours(), EXPECTED_ANEW_MS);
  onEvent(take);
  // After a break what changed is read, whatever the stream may still tell; at first once everything else is there.
  void listen(() => {
    if (!first) return soon.visits(), soon.positions(), soon.conflicts();
    void first.then(() => (soon.visits(), soon.positions(), soon.conflicts()));
    first = null;
  });
  void first!.then(soon.conflicts);
}
