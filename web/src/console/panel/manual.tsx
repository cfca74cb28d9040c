import { useState } from 'preact/hooks';
import { inWords } from '@shared/api';
import { Button, TextField } from '@shared/ui';
import { type Wish, give, pending, propose, takeBack } from '../data/assigning';
import { may } from '../data/calls';
import { day, engineers } from '../data/day';
import { PLANNED } from '../data/risk';
import type { Visit } from '../data/shapes';
import { atClock, clock, dateOf, dayIn, when } from '../data/time';
import { say } from '../data/toasts';
import { Dialog } from '../parts/bits';
import { Choice, Input } from '../parts/select';
import { t as desk } from '../words';
import { Delays } from './delays';
import { t } from './words';

/** Assigning by name and time: the way of the board's drag for a keyboard. */
export function Manual({ visit }: { visit: Visit }) {
  const [engineer, setEngineer] = useState(visit.engineer_id ?? '');
  const [start, setStart] = useState(visit.planned_start ? clock(visit.planned_start) : '');
  const [date, setDate] = useState(visit.planned_start ? dateOf(Date.parse(visit.planned_start)) : day.value);
  if (!may('dispatch.assign') || !PLANNED.has(visit.status)) return null;
  const people = [...engineers.value.values()].map((one) => [one.id, one.name] as const);
  const submit = (event: Event) => {
    event.preventDefault();
    const moment = start ? new Date(atClock(dayIn(date) ?? day.value, start)).toISOString() : null;
    if (engineer) void propose({ visit, engineer_id: engineer, start: moment });
  };
  return (
    <details class="manual">
      <summary>{t('move')}</summary>
      <form class="stack tight" onSubmit={submit}>
        <Choice label={desk('engineer')} value={engineer} onValue={setEngineer} options={[['', '—'], ...people]} />
        <div class="row">
          <Input label={t('date')} type="date" value={date} onValue={setDate} />
          <Input label={t('start')} type="time" value={start} onValue={setStart} />
        </div>
        <div class="row">
          <Button kind="primary" type="submit" disabled={!engineer}>
            {t('assign')}
          </Button>
          {visit.engineer_id && (
            <Button onClick={() => void takeBack(visit).catch((error) => say('bad', inWords(error)))}>{t('take')}</Button>
          )}
        </div>
      </form>
    </details>
  );
}

/** The reason without which no rule is broken. */
export function ForceForm({ wish, onDone }: { wish: Wish; onDone: () => void }) {
  const [reason, setReason] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!reason.trim()) return;
    if (await give(wish, reason.trim())) onDone();
  };
  return (
    <form class="stack tight force" onSubmit={submit}>
      <TextField label={t('reason')} name="reason" value={reason} onValue={setReason} autofocus />
      <Button kind="danger" type="submit" disabled={!reason.trim()}>
        {t('forceIt')}
      </Button>
    </form>
  );
}

/** What the engine says before a drop counts. */
export function Check() {
  const asked = pending.value;
  if (!asked) return null;
  const { wish, answer } = asked;
  const time = answer.planned_start ? when(answer.planned_start, day.value) : '—';
  const name = engineers.value.get(wish.engineer_id)?.name ?? '';
  const done = () => (pending.value = null);
  return (
    <Dialog label={answer.broken ? t('forceTitle') : t('check')} onClose={done}>
      <div class="stack tight">
        <p>{t('gives', { number: wish.visit.job_number, name, time })}</p>
        {answer.broken ? (
          <>
            <strong>{t('breaks')}</strong>
            <ul>{answer.warnings.map((one, place) => <li key={place}>{one.detail}</li>)}</ul>
            <ForceForm wish={wish} onDone={done} />
          </>
        ) : (
          <>
            <Delays delays={answer.warnings} />
            <div class="row">
              <Button kind="primary" onClick={() => void give(wish).then((given) => given || done())}>
                {t('do')}
              </Button>
              <Button onClick={done}>{desk('cancel')}</Button>
            </div>
          </>
        )}
      </div>
    </Dialog>
  );
}
