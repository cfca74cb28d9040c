import { useEffect, useRef, useState } from 'preact/hooks';
import { api, inWords, result } from '@shared/api';
import { dictionary } from '@shared/i18n';
import { engineers, visits } from '../data/day';
import { shownJob } from '../data/risk';
import { open, openJob } from '../data/route';
import type { Job } from '../data/shapes';
import { person, searching } from '../desk-state';
import { jobState } from '../panel/job-words';
import { Dialog, Priority } from './bits';

const t = dictionary(
  {
    search: 'Search everything', hint: 'Number, name, phone, address, serial…', jobs: 'Jobs', people: 'Engineers', sites: 'Sites', contacts: 'Contacts', assets: 'Assets',
    none: 'Nothing found for “{words}”.', how: 'Type at least two characters; arrows choose, Enter opens.', jobsOf: 'Jobs of {name}', back: 'Back', noJobs: 'No jobs there.',
  },
  {
    search: '搜索全部', hint: '编号、姓名、电话、地址、序列号…', jobs: '工单', people: '工程师', sites: '站点', contacts: '联系人', assets: '设备',
    none: '没有找到“{words}”。', how: '至少输入两个字符；方向键选择，回车打开。', jobsOf: '{name} 的工单', back: '返回', noJobs: '没有工单。',
  },
);

interface Found {
  key: string;
  group: 'jobs' | 'people' | 'sites' | 'contacts' | 'assets';
  title: string;
  more: string;
  priority?: number;
  choose: () => void;
}
type Named = { id: string; name: string; address?: string | null; phone?: string | null; serial?: string | null; model?: string | null; account_id?: string | null; site_id?: string };
type JobRow = { id: string; number: string; summary: string; status: Job['status']; priority: number };

const LEAST = 2;
const EACH = 6;
const QUIET_MS = 180;

/** One line that finds everything; all by keyboard. */
export function Search() {
  const [words, setWords] = useState('');
  const [found, setFound] = useState<Found[] | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [chosen, setChosen] = useState(0);
  const newest = useRef(0);
  const close = () => (searching.value = false);
  const done = (act: () => void) => () => (close(), act());
  const show = (rows: Found[]) => (setFound(rows), setChosen(0), setFault(null));

  const jobsOf = (query: Record<string, string>) => async () => {
    const jobs = await list<JobRow>('/api/v1/jobs', query);
    show(jobs.map((job) => jobFound(job, done)));
  };
  useEffect(() => {
    const turn = ++newest.current;
    if (words.trim().length < LEAST) return setFound(null);
    const timer = setTimeout(async () => {
      try {
        const rows = await everywhere(words.trim(), done, jobsOf);
        if (turn === newest.current) show(rows);
      } catch (error) {
        setFault(inWords(error));
      }
    }, QUIET_MS);
    return () => clearTimeout(timer);
  }, [words]);
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found?.length) setChosen((chosen + step + found.length) % found.length);
    else if (event.key === 'Enter') found?.[chosen]?.choose();
    else return;
    event.preventDefault();
  };
  return (
    <Dialog label={t('search')} onClose={close} wide>
      <input class="search-line" type="search" autofocus placeholder={t('hint')} aria-label={t('search')} value={words}
        role="combobox" list={undefined} aria-expanded={Boolean(found?.length)} aria-controls="found" aria-activedescendant={found?.length ? `found-${chosen}` : undefined}
        onInput={(event) => setWords(event.currentTarget.value)} onKeyDown={keys} />
      {fault && <p class="bad-ink" role="alert">{fault}</p>}
      <ul id="found" role="listbox" aria-label={t('search')} class="found">
        {found?.map((one, place) => (
          <li key={one.key} id={`found-${place}`} role="option" aria-selected={place === chosen} onClick={one.choose}>
            <span class="soft">{t(one.group)}</span> <strong>{one.title}</strong> {one.priority && <Priority value={one.priority} />} <span class="soft">{one.more}</span>
          </li>
        ))}
      </ul>
      <p class="soft" role="status">{!found ? t('how') : found.length ? '' : t('none', { words })}</p>
    </Dialog>
  );
}

type Done = (act: () => void) => () => void;
type JobsOf = (query: Record<string, string>) => () => Promise<void>;
type Searched = '/api/v1/jobs' | '/api/v1/sites' | '/api/v1/contacts' | '/api/v1/assets';

async function list<Item>(path: Searched, query: Record<string, string>): Promise<Item[]> {
  const page = (await result(api.GET(path, { params: { query: { limit: EACH, ...query } as never } }))) as unknown as { items: Item[] };
  return page.items;
}

const jobFound = (job: JobRow, done: Done): Found => ({
  key: job.id, group: 'jobs', title: `${job.number} ${job.summary}`, more: jobState(shownJob(job)), priority: job.priority,
  choose: done(() => {
    const visit = [...visits.value.values()].find((one) => one.job_id === job.id);
    if (visit) open(visit.id);
    else openJob(job.id);
  }),
});

async function everywhere(words: string, done: Done, jobsOf: JobsOf): Promise<Found[]> {
  const number = /^[a-z]-?\d{4}-?\d+$/i.test(words) ? words.toUpperCase() : null;
  const [numbered, jobs, sites, contacts, assets] = await Promise.all([
    number ? list<JobRow>('/api/v1/jobs', { number }) : [],
    list<JobRow>('/api/v1/jobs', { q: words }),
    list<Named>('/api/v1/sites', { q: words }),
    list<Named>('/api/v1/contacts', { q: words }),
    list<Named>('/api/v1/assets', { q: words }),
  ]);
  const people = [...engineers.value.values()].filter((one) => one.name.toLowerCase().includes(words.toLowerCase()));
  const unique = new Map([...numbered, ...jobs].map((job) => [job.id, job]));
  return [
    ...[...unique.values()].map((job) => jobFound(job, done)),
    ...people.slice(0, EACH).map((one): Found => ({ key: one.id, group: 'people', title: one.name, more: one.phone ?? '', choose: done(() => (person.value = one.id)) })),
    ...contacts.map((one): Found => ({ key: one.id, group: 'contacts', title: one.name, more: one.phone ?? '', choose: jobsOf({ account_id: one.account_id ?? '' }) })),
    ...sites.map((one): Found => ({ key: one.id, group: 'sites', title: one.name, more: one.address ?? '', choose: jobsOf({ site_id: one.id }) })),
    ...assets.map((one): Found => ({ key: one.id, group: 'assets', title: one.name, more: [one.model, one.serial].filter(Boolean).join(' · '), choose: jobsOf({ asset_id: one.id }) })),
  ];
}
