import { useEffect, useState } from 'preact/hooks';
import { ProblemError, api, result } from '@shared/api';
import { Button, Notice, TextField } from '@shared/ui';
import { ifMatch } from '../data/calls';
import { draftOf, useDraft } from '../data/drafts';
import { onEvent } from '../data/events';
import { day } from '../data/day';
import type { Job, Visit } from '../data/shapes';
import { atClock, clock, dateOf } from '../data/time';
import { say } from '../data/toasts';
import { Form, Wrong } from '../parts/form';
import { type Hours, HoursFields, hoursOf, wrongDay, wrongHours } from '../parts/hours';
import { Area, Choice, Input } from '../parts/select';
import { promise as inHours } from '../queue/card';
import { priorityName, t as desk } from '../words';
import { t } from './job-words';
import { promise } from './promise';

type Draft = { summary: string; description: string; priority: string; due: string; hours: Hours | null };

const local = (moment: string | null) =>
  moment ? `${dateOf(Date.parse(moment))}T${clock(moment)}` : '';
const wordsOf = (job: Job, visit: Visit | null): Draft => ({
  summary: job.summary, description: job.description, priority: String(job.priority), due: local(job.due_at), hours: visit && hoursOf(visit, day.value),
});

const isSame = (a: Hours, b: Hours | null) => [a.date, a.from, a.to].join() === [b?.date, b?.from, b?.to].join();

const keyOf = (job_id: string) => `edit.${job_id}`;
/** Whether somebody was called away while changing a job. */
export const isHalfEdited = (job_id: string): boolean => draftOf(keyOf(job_id)) !== null;

/**
 * Changes a job, and the promised time of the `visit` that waits or is planned for it. When somebody else saves first,
 * it says so at once and shows both; nothing is overwritten unseen.
 */
export function Edit({ job, visit, onDone }: { job: Job; visit: Visit | null; onDone: (saved: Job) => void }) {
  const [begun] = useState({ base: job, hours: visit && hoursOf(visit, day.value), draft: wordsOf(job, visit) });
  const [{ base, hours, draft }, setKept] = useDraft(keyOf(job.id), begun);
  const [theirs, setTheirs] = useState<Job | null>(null);
  const [error, setError] = useState<unknown>(null);
  const look = async () => {
    const now = (await result(api.GET('/api/v1/jobs/{row_id}', { params: { path: { row_id: job.id } } }))) as unknown as Job;
    if (now.rev > base.rev) setTheirs(now);
  };
  useEffect(() => void look().catch(() => null), []); // what was kept may be old
  useEffect(() => onEvent((heard) => void (heard.topic.startsWith('job.') && heard.id === job.id && look().catch(() => null))), [base.rev]);
  const set = (name: keyof Draft) => (value: string | Hours) => setKept((before) => ({ ...before, draft: { ...before.draft, [name]: value } }));
  const done = (shown: Job) => (setKept(null), onDone(shown));

  async function save(event: Event) {
    event.preventDefault();
    const [date = '', time] = draft.due.split('T');
    const wrong = { ...wrongDay('due_at', date), ...(draft.hours && wrongHours(draft.hours)) };
    if (Object.keys(wrong).length) return setError(new Wrong(wrong)); // before the job is written
    const body = {
      summary: draft.summary, description: draft.description, priority: Number(draft.priority),
      due_at: date && time ? new Date(atClock(date, time)).toISOString() : null,
    };
    try {
      const params = { path: { row_id: job.id } };
      const call = api.PATCH('/api/v1/jobs/{row_id}', { params, body, headers: ifMatch(base.rev) });
      const saved = (await result(call)) as unknown as Job;
      setKept({ base: saved, hours, draft });
      if (visit && draft.hours && !isSame(draft.hours, hours)) await promise(visit, draft.hours);
      say('good', t('saved', { number: saved.number }));
      done(saved);
    } catch (problem) {
      if (problem instanceof ProblemError && problem.status === 412) await look();
      else setError(problem);
    }
  }

  return (
    <Form fault={error} onSubmit={save}>
      {theirs && <Notice kind="warn">{t('changed')}</Notice>}
      <TextField label={t('summary')} name="summary" value={draft.summary} onValue={set('summary')} autofocus
        {...(theirs && theirs.summary !== draft.summary ? { hint: t('theirs', { value: theirs.summary }) } : {})} />
      <Area label={t('description')} name="description" value={draft.description} onValue={set('description')} />
      {theirs && theirs.description !== draft.description && <p class="soft">{t('theirs', { value: theirs.description })}</p>}
      <Choice label={t('priority')} name="priority" value={draft.priority} onValue={set('priority')}
        options={[1, 2, 3, 4].map((one) => [String(one), priorityName(one)])} />
      {theirs && theirs.priority !== Number(draft.priority) && <p class="soft">{t('theirs', { value: priorityName(theirs.priority) })}</p>}
      <Input label={t('dueAt')} name="due_at" type="datetime-local" value={draft.due} onValue={set('due')} />
      {visit && draft.hours && (
        <fieldset class="spots">
          <legend>{t('promised')}</legend>
          <HoursFields hours={draft.hours} onHours={(some) => set('hours')({ ...draft.hours!, ...some })} hint={isSame(hoursOf(visit, day.value), hours) ? null : t('theirs', { value: inHours(visit) })} />
        </fieldset>
      )}
      <div class="row">
        {theirs ? (
          <>
            <Button kind="primary" onClick={() => (setKept({ base: theirs, hours, draft }), setTheirs(null))}>{t('mine')}</Button>
            <Button onClick={() => (setKept({ ...begun, base: theirs, draft: wordsOf(theirs, visit) }), setTheirs(null))}>{t('take')}</Button>
          </>
        ) : (
          <Button kind="primary" type="submit">{desk('save')}</Button>
        )}
        <Button onClick={() => done(theirs ?? base)}>{desk('cancel')}</Button>
      </div>
    </Form>
  );
}
