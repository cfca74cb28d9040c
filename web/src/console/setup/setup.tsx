import { type ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { api, result } from '@shared/api';
import { Button, Notice } from '@shared/ui';
import { all, may } from '../data/calls';
import { engineers, jobTypes, load } from '../data/day';
import { creating } from '../desk-state';
import { EngineerForm, type Named, SiteForm, SkillForm, TypeForm } from './forms';
import { t } from './words';

interface State {
  skills: Named[];
  sites: boolean;
  jobs: boolean;
}

/** From an empty organisation to the first dispatched job, step by step. */
export function Setup() {
  const [state, setState] = useState<State | null>(null);
  const read = async () => {
    const one = { params: { query: { limit: 1 } as never } };
    const [skills, sites, jobs] = await Promise.all([
      all<Named>(async (cursor) => (await result(api.GET('/api/v1/skills', { params: { query: { limit: 200, sort: 'name', cursor } as never } }))) as never),
      result(api.GET('/api/v1/sites', one)) as unknown as Promise<{ items: unknown[] }>,
      result(api.GET('/api/v1/jobs', one)) as unknown as Promise<{ items: unknown[] }>,
    ]);
    setState({ skills, sites: sites.items.length > 0, jobs: jobs.items.length > 0 });
    await load();
  };
  useEffect(() => void read().catch(() => undefined), []); // the banner of the desk tells when the server is away
  const again = () => void read();
  if (!state) return <p class="soft" aria-busy="true">…</p>;
  return (
    <section class="page column" aria-label={t('title')}>
      <div class="main stack" tabIndex={0}>
        <h2>{t('title')}</h2>
        <p class="soft">{t('lead')}</p>
        <ol class="steps">
          <Step name="skills" why="skillsWhy" count={state.skills.length} right="people.write"><SkillForm onDone={again} /></Step>
          <Step name="types" why="typesWhy" count={jobTypes.value.size} right="job_types.write"><TypeForm skills={state.skills} onDone={again} /></Step>
          <Step name="people" why="peopleWhy" count={engineers.value.size} right="people.write"><EngineerForm skills={state.skills} onDone={again} /></Step>
          <Step name="sites" why="sitesWhy" count={Number(state.sites)} right="places.write"><SiteForm onDone={again} /></Step>
          <Step name="first" why="firstWhy" count={Number(state.jobs)} right="jobs.write">
            <Button kind="primary" onClick={() => (creating.value = true)}>{t('go')}</Button>
          </Step>
        </ol>
      </div>
    </section>
  );
}

type StepProps = { name: 'skills' | 'types' | 'people' | 'sites' | 'first'; why: `${StepProps['name']}Why`; count: number; right: string; children: ComponentChildren };

function Step({ name, why, count, right, children }: StepProps) {
  return (
    <li>
      <details class="card" open={!count}>
        <summary>
          <strong>{count ? '✓' : '○'} {t(name)}</strong> <span class="soft">{t(why)} {count > 1 && t('has', { n: count })}</span>
        </summary>
        {may(right) ? children : <Notice kind="warn">{t('notYours')}</Notice>}
      </details>
    </li>
  );
}
