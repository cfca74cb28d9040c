import { type ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { api, result } from '@shared/api';
import { Button, Notice } from '@shared/ui';
import { all, may } from '../data/calls';
import { engineers, jobTypes, load, territories } from '../data/day';
import type { Site } from '../data/shapes';
import { creating } from '../desk-state';
import { EngineerForm, type Named, SiteForm, SkillForm, TypeForm } from './forms';
import { ImportForm } from './import';
import { TerritoryForm } from './territory';
import { There, type User, lines } from './there';
import { UserForm } from './users';
import { t } from './words';

interface State {
  skills: Named[];
  users: User[];
  sites: Site[];
  jobs: boolean;
}
type Name = 'skills' | 'types' | 'people' | 'territories' | 'sites' | 'users' | 'import' | 'first';
interface Part {
  name: Name;
  count: number;
  right: string;
  optional?: boolean;
  form: ComponentChildren;
  there?: ComponentChildren;
}

const SHOWN = 200; // of what an organisation has, the newest

async function read(): Promise<State> {
  const newest = { params: { query: { limit: SHOWN } as never } };
  const [skills, users, sites, jobs] = await Promise.all([
    all<Named>(async (cursor) => (await result(api.GET('/api/v1/skills', { params: { query: { limit: 200, sort: 'name', cursor } as never } }))) as never),
    may('users.read') ? (result(api.GET('/api/v1/users', newest)) as unknown as Promise<{ items: User[] }>) : { items: [] },
    result(api.GET('/api/v1/sites', newest)) as unknown as Promise<{ items: Site[] }>,
    result(api.GET('/api/v1/jobs', { params: { query: { limit: 1 } as never } })) as unknown as Promise<{ items: unknown[] }>,
    load(),
  ]);
  return { skills, users: users.items, sites: sites.items, jobs: jobs.items.length > 0 };
}

/** What an organisation needs, in the order in which one thing needs the other. */
function parts(state: State, again: () => void): Part[] {
  const { skills, users, sites, jobs } = state;
  const there = (name: keyof typeof lines) => <There lines={lines[name](state)} more={name === 'sites' && sites.length === SHOWN} />;
  return [
    { name: 'skills', count: skills.length, right: 'people.write', form: <SkillForm onDone={again} />, there: there('skills') },
    { name: 'types', count: jobTypes.value.size, right: 'job_types.write', form: <TypeForm skills={skills} onDone={again} />, there: there('types') },
    { name: 'people', count: engineers.value.size, right: 'people.write', form: <EngineerForm skills={skills} onDone={again} />, there: there('people') },
    { name: 'territories', count: territories.value.size, right: 'territories.write', optional: true, form: <TerritoryForm onDone={again} />, there: there('territories') },
    { name: 'sites', count: Number(sites.length > 0), right: 'places.write', form: <SiteForm onDone={again} />, there: there('sites') },
    { name: 'users', count: users.length > 1 ? users.length : 0, right: 'users.write', optional: true, form: <UserForm onDone={again} />, ...(may('users.read') ? { there: there('users') } : {}) },
    { name: 'import', count: 0, right: 'requests.write', optional: true, form: <ImportForm onDone={again} /> },
    { name: 'first', count: Number(jobs), right: 'jobs.write', form: <div><Button kind="primary" onClick={() => (creating.value = true)}>{t('go')}</Button></div> },
  ];
}

/** From an empty organisation to the first dispatched job, step by step. */
export function Setup() {
  const [state, setState] = useState<State | null>(null);
  const again = () => void read().then(setState).catch(() => undefined); // the banner of the desk tells when the server is away
  useEffect(again, []);
  if (!state) return <p class="soft" aria-busy="true">…</p>;
  const steps = parts(state, again);
  const next = steps.find((one) => !one.count && !one.optional);
  return (
    <section class="page column" aria-label={t('title')}>
      <div class="main stack" tabIndex={0}>
        <h2>{t('title')}</h2>
        <p class="soft">{t('lead')}</p>
        <Missing steps={steps.filter((one) => !one.optional)} />
        <ol class="steps">{steps.map((one) => <Step key={one.name} {...one} next={one === next} />)}</ol>
      </div>
    </section>
  );
}

/** What is still missing, with the way there. */
function Missing({ steps }: { steps: Part[] }) {
  const left = steps.filter((one) => !one.count);
  if (!left.length) return <Notice kind="good">{t('progress', { done: steps.length, n: steps.length })}</Notice>;
  const ready = left.length === 1 && left[0]!.name === 'first';
  return (
    <div class="notice missing" role="status">
      {t('progress', { done: steps.length - left.length, n: steps.length })} {t(ready ? 'ready' : 'missing')}{' '}
      {left.map((one) => <a key={one.name} href={`#step-${one.name}`} onClick={(event) => (event.preventDefault(), show(one.name))}>{t(one.name)}</a>)}
    </div>
  );
}

function show(name: Name): void {
  const step = document.getElementById(`step-${name}`) as HTMLDetailsElement | null;
  if (!step) return;
  step.open = true;
  step.scrollIntoView({ block: 'start' });
  (step.querySelector<HTMLElement>('input, select, button') ?? step.querySelector('summary'))?.focus();
}

/** The step that was next on arrival is open; what was opened keeps what is half written, also while it is closed. */
function Step({ name, count, right, optional, form, there, next }: Part & { next: boolean }) {
  const [open, setOpen] = useState(next);
  const seen = useRef(next);
  seen.current ||= open;
  const mark = count > 0 ? '✓' : optional ? '·' : '○';
  return (
    <li>
      <details class="card" id={`step-${name}`} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <strong>{mark} {t(name)}</strong> <span class="soft">{t(`${name}Why`)} {count > 1 && t('has', { n: count })} {optional && !count && `(${t('optional')})`}</span>
        </summary>
        {seen.current && (
          <div class={there && may(right) ? 'beside-list' : 'stack tight'}>
            {may(right) ? form : <p class="soft">{t('notYours')}</p>}
            {there}
          </div>
        )}
      </details>
    </li>
  );
}
