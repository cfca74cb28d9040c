import { signal } from '@preact/signals';
import { api, result } from '@shared/api';
import { may } from './calls';
import { type Heard as Event, onEvent } from './events';
import { gathered } from './live';
import type { Job, Visit } from './shapes';
import { type Deed, unanswered } from './unanswered';

/** A customer who waits for the office: wrote and was not answered, or says that something is wrong. */
export interface Heard {
  id: string;
  kind: 'wrote' | 'disputed';
  at: string;
  words: string | null;
  job_id: string;
  visit_id: string | null;
  number: string;
  summary: string;
}

const MOST = 100; // the newest; whoever is behind them has waited too long for a list
const WRITTEN = /^job\.(customer_wrote|office_wrote|closed|cancelled|reopened)$/;

export const customers = signal<readonly Heard[]>([]);

/** Keeps `customers` true. Calls `news` with each that the live connection told of. Returns how to stop. */
export function followCustomers(news: (one: Heard) => void): () => void {
  if (!may('jobs.read')) return () => undefined;
  const told = new Set<string>();
  let turns = 0;
  const look = async () => {
    const [turn, heard] = [++turns, [...told]];
    told.clear(); // what is told of from here on is for the next look
    const found = await read().catch((error) => {
      for (const job of heard) told.add(job);
      throw error;
    });
    if (turn === turns) customers.value = found;
    for (const one of found) if (heard.includes(one.job_id)) news(one);
  };
  const soon = gathered(look, 500);
  soon();
  return onEvent((heard) => {
    if (!concerns(heard)) return;
    const job = heard.job_id ?? heard.id;
    if (job && isNews(heard)) told.add(job);
    soon();
  });
}

const isNews = ({ topic, to }: Event) => topic === 'job.customer_wrote' || to === 'disputed';
const concerns = ({ topic, from, to }: Event) =>
  WRITTEN.test(topic) || (topic === 'visit.transitioned' && [from, to].includes('disputed'));

async function read(): Promise<Heard[]> {
  const said = { query: { event: ['customer_wrote', 'office_wrote'].join(','), sort: '-created_at', limit: MOST } as never };
  const wrong = { query: { status: 'disputed', sort: '-updated_at', limit: MOST } as never };
  const [trail, disputed] = (await Promise.all([
    result(api.GET('/api/v1/job-events', { params: said })),
    result(api.GET('/api/v1/visits', { params: wrong })),
  ])) as unknown as [{ items: Deed[] }, { items: Visit[] }];
  const open = unanswered(trail.items);
  const jobs = await jobsOf([...open.map((one) => one.job_id), ...disputed.items.map((one) => one.job_id)]);
  const found = [...open.flatMap((one) => wrote(one, jobs.get(one.job_id))), ...disputed.items.flatMap((one) => isWrong(one, jobs.get(one.job_id)))];
  return found.sort((a, b) => b.at.localeCompare(a.at));
}

async function jobsOf(ids: readonly string[]): Promise<Map<string, Job>> {
  const read = (row_id: string) => result(api.GET('/api/v1/jobs/{row_id}', { params: { path: { row_id } } })).catch(() => null);
  const jobs = (await Promise.all([...new Set(ids)].map(read))) as unknown as (Job | null)[];
  return new Map(jobs.flatMap((job) => (job ? [[job.id, job] as const] : [])));
}

const isOver = (job: Job, at: string) => [job.closed_at, job.cancelled_at].some((ended) => ended && Date.parse(ended) > Date.parse(at));

function wrote({ id, created_at, reason, job_id }: Deed, job: Job | undefined): Heard[] {
  if (!job || isOver(job, created_at)) return [];
  return [{ id, kind: 'wrote', at: created_at, words: reason, job_id, visit_id: null, number: job.number, summary: job.summary }];
}

function isWrong({ id, job_id, updated_at, summary }: Visit, job: Job | undefined): Heard[] {
  if (!job || isOver(job, updated_at!)) return [];
  return [{ id, kind: 'disputed', at: updated_at!, words: null, job_id, visit_id: id, number: job.number, summary }];
}
