import { useEffect, useRef, useState } from 'preact/hooks';
import { api, inWords, result } from '@shared/api';
import { Button, TextField } from '@shared/ui';
import { may } from '../data/calls';
import { useDraft } from '../data/drafts';
import type { Job, Visit } from '../data/shapes';
import { dayStart } from '../data/time';
import { say } from '../data/toasts';
import { Form, Wrong } from '../parts/form';
import { wrongDay } from '../parts/hours';
import { Input } from '../parts/select';
import { t } from './job-words';

type Asked = { reason: string; until: string };
type Call = Promise<{ data?: unknown; error?: unknown; response: Response }>;
interface Deed {
  name: 'cancelJob' | 'hold' | 'resume' | 'reopen' | 'closeJob' | 'abort' | 'follow';
  /** What is asked for first; the beginning of its words. */
  asks?: 'cancel' | 'hold' | 'reopen' | 'abort';
  run: (asked: Asked) => Call;
}

/** What may be done with a job and its visit as they are now. */
function deeds(job: Job, visit: Visit | undefined): Deed[] {
  const params = { path: { job_id: job.id } };
  const of = { path: { visit_id: visit?.id ?? '' } };
  const all: Record<Deed['name'], Deed> = {
    hold: { name: 'hold', asks: 'hold', run: ({ reason, until }) => api.POST('/api/v1/jobs/{job_id}/hold', { params, body: { reason, until: until ? new Date(dayStart(until)).toISOString() : null } }) },
    cancelJob: { name: 'cancelJob', asks: 'cancel', run: ({ reason }) => api.POST('/api/v1/jobs/{job_id}/cancel', { params, body: { reason } }) },
    reopen: { name: 'reopen', asks: 'reopen', run: ({ reason }) => api.POST('/api/v1/jobs/{job_id}/reopen', { params, body: { reason } }) },
    resume: { name: 'resume', run: () => api.POST('/api/v1/jobs/{job_id}/resume', { params }) },
    closeJob: { name: 'closeJob', run: () => api.POST('/api/v1/jobs/{job_id}/close', { params }) },
    abort: { name: 'abort', asks: 'abort', run: ({ reason }) => api.POST('/api/v1/visits/{visit_id}/abort-request', { params: of, body: { reason } }) },
    follow: { name: 'follow', run: () => api.POST('/api/v1/visits/{visit_id}/follow-up', { params: of, body: {} }) },
  };
  if (job.status === 'closed' || job.status === 'cancelled') return [all.reopen];
  return [
    ...(visit?.status === 'working' ? [all.abort] : []),
    ...(visit?.status === 'cannot_complete' || visit?.status === 'aborted' ? [all.follow] : []),
    ...(job.status === 'completed' ? [all.closeJob] : [job.status === 'on_hold' ? all.resume : all.hold, all.cancelJob]),
  ];
}

type Half = Asked & { name: Deed['name'] | null };
const NOTHING: Half = { name: null, reason: '', until: '' };

/** The buttons of a job; what needs a reason says in place what happens next, and asks for it. */
export function Actions({ job, visit, onDone }: { job: Job; visit?: Visit | undefined; onDone: () => void }) {
  const [half, setHalf] = useDraft<Half>(`deed.${job.id}`, NOTHING);
  if (!may('jobs.write')) return null;
  const offered = deeds(job, visit);
  const asking = offered.find((deed) => deed.asks && deed.name === half.name);
  const run = (deed: Deed) => result(deed.run({ ...half, reason: half.reason.trim() })).then(() => (setHalf(null), onDone()));
  const press = (deed: Deed) => {
    if (!deed.asks) void run(deed).catch((error) => say('bad', inWords(error)));
    else setHalf(half.name === deed.name ? null : { ...half, name: deed.name });
  };
  return (
    <div class="stack tight">
      <div class="row">
        {offered.map((deed) => (
          <Button key={deed.name} kind={deed.name === 'cancelJob' ? 'danger' : ''} aria-expanded={deed.asks ? asking?.name === deed.name : undefined} onClick={() => press(deed)}>
            {t(deed.name)}
          </Button>
        ))}
      </div>
      {asking && <Ask key={asking.name} what={asking.asks!} half={half} onHalf={setHalf} onGo={() => run(asking)} />}
    </div>
  );
}

type AskProps = { what: NonNullable<Deed['asks']>; half: Half; onHalf: (half: Half | null) => void; onGo: () => Promise<void> };

function Ask({ what, half, onHalf, onGo }: AskProps) {
  const [fault, setFault] = useState<unknown>(null);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.scrollIntoView({ block: 'nearest' }), []);
  const go = (event: Event) => {
    event.preventDefault();
    const wrong = wrongDay('until', half.until);
    if (Object.keys(wrong).length) return setFault(new Wrong(wrong));
    void onGo().catch(setFault);
  };
  return (
    <div ref={box}><Form fault={fault} label={t(`${what}Title`)} class={`stack tight ${what === 'cancel' ? 'force' : 'card'}`} onSubmit={go}>
      <h3>{t(`${what}Title`)}</h3>
      <p>{t(`${what}Next`)}</p>
      <TextField label={t('reason')} name="reason" value={half.reason} onValue={(reason) => onHalf({ ...half, reason })} autofocus />
      {what === 'hold' && <Input label={t('goesOn')} hint={t('goesOnHint')} name="until" type="date" value={half.until} onValue={(until) => onHalf({ ...half, until })} />}
      <div class="row">
        <Button kind={what === 'cancel' ? 'danger' : 'primary'} type="submit" disabled={!half.reason.trim()}>{t(`${what}Go`)}</Button>
        <Button onClick={() => onHalf(null)}>{t('leave')}</Button>
      </div>
    </Form></div>
  );
}
