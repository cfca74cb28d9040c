import { dictionary } from '@shared/i18n';
import { Notice } from '@shared/ui';
import { world } from './data/client';
import { type Conflict, all } from './data/rows';
import { address } from './route';
import { stateWord } from './words';

const t = dictionary(
  {
    title: 'To check',
    none: 'Nothing here contradicts anything.',
    intro: 'The office sees these too and decides. What you recorded is kept in any case.',
    late_fact: 'You worked on this visit, and the office had changed it meanwhile.',
    field: 'You and somebody else changed the same thing.',
    proposal: 'You proposed a change of the plan.',
    rejected: 'Something that you sent could not be taken. It is kept.',
    content_diverged: 'The visit changed after the customer had signed.',
    answer: 'Two answers to the same question.',
    other: 'Two truths met.',
    mine: 'Yours',
    theirs: 'The office',
    open: 'Waits for the office',
    resolved: 'Decided: {how}',
    keep_mine: 'yours stands', keep_theirs: 'the office’s stands', take_both: 'both stand', edit: 'something new stands',
    facts: { one: 'One thing that you did', other: '{n} things that you did' },
    empty: '(empty)',
    visit: 'To the visit',
  },
  {
    title: '需要核对',
    none: '没有互相矛盾的内容。',
    intro: '调度员也能看到这些内容并作出决定。您的记录始终会保留。',
    late_fact: '您处理此任务期间，调度员已作出更改。',
    field: '您和他人修改了同一内容。',
    proposal: '您提议更改计划。',
    rejected: '您发送的部分内容未被接受，但已保留。',
    content_diverged: '客户签字后任务内容有变动。',
    answer: '同一问题有两个回答。',
    other: '两种记录不一致。',
    mine: '您的记录',
    theirs: '调度端记录',
    open: '等待调度员处理',
    resolved: '已决定：{how}',
    keep_mine: '以您的为准', keep_theirs: '以调度端为准', take_both: '两者都保留', edit: '采用新内容',
    facts: { one: '您做的 1 件事', other: '您做的 {n} 件事' },
    empty: '（空）',
    visit: '查看任务',
  },
);
const KINDS = ['late_fact', 'field', 'proposal', 'rejected', 'content_diverged', 'answer'];

/** How many wait for a decision. */
export function openConflicts(): number {
  return all(world.value, 'conflicts', (conflict) => conflict.status === 'open').length;
}

/** Everything in which this phone and the office said different things, in words. */
export function Conflicts() {
  const conflicts = all(world.value, 'conflicts', () => true);
  conflicts.sort((a, b) => a.status.localeCompare(b.status) || b.id.localeCompare(a.id));
  return (
    <main class="stack">
      <h1>{t('title')}</h1>
      {conflicts.length ? <p>{t('intro')}</p> : <Notice kind="good">{t('none')}</Notice>}
      {conflicts.map((conflict) => <One key={conflict.id} conflict={conflict} />)}
    </main>
  );
}

function One({ conflict }: { conflict: Conflict }) {
  const visit = world.value.visits.get(conflict.visit_id ?? '');
  const job = world.value.jobs.get(visit?.job_id ?? conflict.job_id ?? '');
  const kind = KINDS.includes(conflict.kind) ? (conflict.kind as 'field') : 'other';
  return (
    <article class={`card stack tight conflict ${conflict.status}`}>
      <h2>{job?.summary ?? t('other')}</h2>
      <p>{t(kind)}</p>
      <dl>
        <dt>{t('mine')}</dt>
        <dd>{inWords(conflict.mine)}</dd>
        <dt>{t('theirs')}</dt>
        <dd>{inWords(conflict.theirs)}</dd>
      </dl>
      <strong>{conflict.status === 'open' ? t('open') : t('resolved', { how: t(conflict.resolution as 'edit') })}</strong>
      {visit && <a class="button" href={address('visits', visit.id)}>{t('visit')}</a>}
    </article>
  );
}

/** One side in words: names of fields are left to their values, ids of rows mean nothing to a person. */
function inWords(side: Record<string, unknown> | null): string {
  if (!side) return t('empty');
  if (Array.isArray(side.facts)) return t('facts', { n: side.facts.length });
  const told = Object.entries(side).filter(([name]) => !name.endsWith('_id') && name !== 'id').map(([name, value]) => member(name, value));
  return told.filter(Boolean).join(', ') || t('empty');
}

function member(name: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return '';
  if (name === 'status' || name === 'to') return stateWord(String(value));
  return typeof value === 'object' ? inWords(value as Record<string, unknown>) : String(value);
}
