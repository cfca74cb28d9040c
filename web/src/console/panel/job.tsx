import { useEffect, useState } from 'preact/hooks';
import { api, result, session } from '@shared/api';
import { Button } from '@shared/ui';
import { may } from '../data/calls';
import { engineers, jobTypes, visits } from '../data/day';
import { onEvent } from '../data/events';
import { gathered } from '../data/live';
import { shownJob } from '../data/risk';
import { open } from '../data/route';
import type { Job, Row, Site, Visit } from '../data/shapes';
import { clock, when } from '../data/time';
import { say } from '../data/toasts';
import { Fault, Priority, StatusTag } from '../parts/bits';
import { Actions } from './actions';
import { AnswerCustomer } from './answer';
import { Checklist } from './checklist';
import { CustomerPage } from './customer-page';
import { Edit, isHalfEdited } from './edit';
import { jobState, t } from './job-words';
import { Line } from './line';
import { Manual } from './manual';
import { Offers } from './offers';
import { OpenWork } from './open-work';
import { mayPromise } from './promise';
import { SignLinks } from './sign-link';
import { Thumbnail } from './thumbnail';
import { type Entry, timeline } from './timeline';

const DONE = new Set(['completed', 'approved', 'confirmed', 'disputed']);

interface Whole {
  job: Job;
  site: Site;
  account: Row<'Account'> | null;
  contact: Row<'Contact'> | null;
  asset: Row<'Asset'> | null;
  visits: Visit[];
  entries: Entry[];
}
type Places = '/api/v1/accounts/{row_id}' | '/api/v1/contacts/{row_id}' | '/api/v1/assets/{row_id}' | '/api/v1/sites/{row_id}';

async function row<Item>(path: Places, id: string | null): Promise<Item | null> {
  return id ? ((await result(api.GET(path, { params: { path: { row_id: id } } }))) as unknown as Item) : null;
}

async function read(id: string): Promise<Whole> {
  const [job, trips] = await Promise.all([
    result(api.GET('/api/v1/jobs/{row_id}', { params: { path: { row_id: id } } })) as unknown as Promise<Job>,
    result(api.GET('/api/v1/visits', { params: { query: { job_id: id } as never } })).then((page) => (page as unknown as { items: Visit[] }).items),
  ]);
  const [site, account, contact, asset, entries] = await Promise.all([
    row<Site>('/api/v1/sites/{row_id}', job.site_id) as Promise<Site>,
    row<Row<'Account'>>('/api/v1/accounts/{row_id}', job.account_id),
    row<Row<'Contact'>>('/api/v1/contacts/{row_id}', job.contact_id),
    row<Row<'Asset'>>('/api/v1/assets/{row_id}', job.asset_id),
    timeline(id, trips),
  ]);
  return { job, site, account, contact, asset, visits: trips, entries };
}

/** Everything about a job: whom, where, what, and all that happened, on one line of time. */
export function JobTab({ id, visit }: { id: string; visit?: Visit }) {
  const [whole, setWhole] = useState<Whole | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [editing, setEditing] = useState(isHalfEdited(id));
  const load = () => read(id).then((found) => (setWhole(found), setError(null)), setError);
  useEffect(() => {
    void load();
    const soon = gathered(load, 250);
    return onEvent((heard) => (heard.job_id === id || heard.id === id || visits.value.get(heard.visit_id ?? '')?.job_id === id) && soon());
  }, [id, visit?.rev]);
  if (error && !whole) return <Fault error={error} onAgain={() => void load()} />;
  if (!whole) return <p class="soft" aria-busy="true">…</p>;
  const { job } = whole;
  const planned = (visit ? [visit] : whole.visits).filter(mayPromise);
  if (editing) return <Edit job={job} visit={planned.length === 1 ? planned[0]! : null} onDone={(saved) => (setEditing(false), setWhole({ ...whole, job: saved }), void load())} />;
  return (
    <div class="stack tight">
      {!visit && (
        <header>
          <div class="line"><Priority value={job.priority} /> <span class="soft">{job.number}</span></div>
          <h2>{job.summary}</h2>
        </header>
      )}
      <div class="line">
        <span class="tag">{jobState(shownJob(job, whole.visits))}</span>
        {job.status === 'on_hold' && <span class="soft">{[job.hold_reason, job.hold_until && t('until', { time: when(job.hold_until) })].filter(Boolean).join(' · ')}</span>}
        <span class="grow" />
        {may('jobs.write') && <Button onClick={() => setEditing(true)}>{t('edit')}</Button>}
      </div>
      <Facts whole={whole} />
      {visit && <Manual key={visit.rev} visit={visit} />}
      {visit && <Offers visit={visit} />}
      {visit && <OpenWork visit={visit} />}
      <Actions job={job} visit={visit} onDone={() => void load()} />
      {whole.visits.length > (visit ? 1 : 0) && <Visits visits={whole.visits} />}
      {visit && <Checklist visit={visit} />}
      {visit && DONE.has(visit.status) && <ReportLink visit={visit} />}
      {visit && <SignLinks key={visit.id} visit={visit} contact={whole.contact} />}
      <h3>{t('history')}</h3>
      <NewNote job={job} onDone={() => void load()} />
      <CustomerPage job={job} />
      <AnswerCustomer job={job} onDone={() => void load()} />
      <Timeline entries={whole.entries} />
    </div>
  );
}

function Facts({ whole: { job, site, account, contact, asset } }: { whole: Whole }) {
  const facts: [string, string | null | undefined][] = [
    [t('type'), jobTypes.value.get(job.job_type_id)?.name],
    [t('description'), job.description],
    [t('due'), job.due_at && when(job.due_at)],
    [t('account'), account?.name],
    [t('caller'), contact && [contact.name, contact.phone].filter(Boolean).join(' · ')],
    [t('site'), [site.name, site.address].filter(Boolean).join(' · ')],
    [t('access'), site.access_notes],
    [t('asset'), asset && [asset.name, asset.model, asset.serial].filter(Boolean).join(' · ')],
  ];
  return (
    <dl class="facts">
      {facts.filter(([, value]) => value).map(([name, value]) => (
        <div key={name}><dt>{name}</dt><dd>{value}</dd></div>
      ))}
    </dl>
  );
}

function Visits({ visits: list }: { visits: Visit[] }) {
  return (
    <section>
      <h3>{t('visitsOf')}</h3>
      {list.map((one) => (
        <button type="button" key={one.id} class="linkish" onClick={() => open(one.id)}>
          <StatusTag visit={one} /> {one.engineer_id && engineers.value.get(one.engineer_id)?.name}{' '}
          {one.planned_start && when(one.planned_start)}
        </button>
      ))}
    </section>
  );
}

/** The sealed report opens in its own tab; the link cannot carry a credential, so the bytes are fetched first. */
function ReportLink({ visit }: { visit: Visit }) {
  const show = async () => {
    const answer = await session.fetch(new Request(`${location.origin}/api/v1/visits/${visit.id}/report.pdf`));
    if (!answer.ok) return say('warn', `${answer.status}`);
    globalThis.open(URL.createObjectURL(await answer.blob()), '_blank', 'noopener');
  };
  return <Button onClick={() => void show()}>{t('report')}</Button>;
}

function NewNote({ job, onDone }: { job: Job; onDone: () => void }) {
  if (!may('notes.write')) return null;
  return (
    <Line what={`note.${job.id}`} name="note" label={t('note')} go={t('add')}
      send={async (body, headers) => {
        await result(api.POST('/api/v1/jobs/{job_id}/notes', { params: { path: { job_id: job.id } }, body: { body }, headers }));
        onDone();
      }}
    />
  );
}

const MINUTE = 60_000;
const apart = (a: string, b: string) => Math.abs(Date.parse(a) - Date.parse(b)) > MINUTE;

function Timeline({ entries }: { entries: Entry[] }) {
  if (!entries.length) return <p class="soft">{t('nothing')}</p>;
  return (
    <ol class="timeline">
      {entries.map((one) => (
        <li key={one.id} class={one.late ? 'late' : undefined}>
          <time dateTime={one.at}>{when(one.at)}</time>
          <div>
            <span>{one.words}</span> {one.who && <span class="soft">· {one.who}</span>}{one.by && <span class="soft"> · {t('by', { name: one.by })}</span>}
            {one.detail && <p class="soft lines">{one.detail}</p>}
            {one.late && <p class="warn-ink">{t('late')}</p>}
            {one.device_at && apart(one.device_at, one.at) && <span class="soft"> · {t('deviceSaid', { time: clock(one.device_at) })}</span>}
            {one.received_at && apart(one.received_at, one.at) && <span class="soft"> · {t('received', { time: when(one.received_at) })}</span>}
            {one.media && <Thumbnail id={one.media} label={one.words} />}
          </div>
        </li>
      ))}
    </ol>
  );
}
