import { api, inWords, result } from '@shared/api';
import { Button, TextField } from '@shared/ui';
import { may } from '../data/calls';
import { useDraft } from '../data/drafts';
import type { Job, Visit } from '../data/shapes';
import { say } from '../data/toasts';
import { t } from './job-words';

type Call = Promise<{ data?: unknown; error?: unknown; response: Response }>;
interface Deed {
  name: 'cancelJob' | 'hold' | 'resume' | 'reopen' | 'closeJob' | 'abort' | 'follow';
  reason: boolean;
  run: (reason: string) => Call;
}

/** What may be done with a job and its visit as they are now. */
function deeds(job: Job, visit: Visit | undefined): Deed[] {
  const params = { path: { job_id: job.id } };
  const all: Record<Deed['name'], Deed> = {
    hold: { name: 'hold', reason: true, run: (reason) => api.POST('/api/v1/jobs/{job_id}/hold', { params, body: { reason, until: null } as never }) },
    cancelJob: { name: 'cancelJob', reason: true, run: (reason) => api.POST('/api/v1/jobs/{job_id}/cancel', { params, body: { reason } }) },
    reopen: { name: 'reopen', reason: true, run: (reason) => api.POST('/api/v1/jobs/{job_id}/reopen', { params, body: { reason } }) },
    resume: { name: 'resume', reason: false, run: () => api.POST('/api/v1/jobs/{job_id}/resume', { params }) },
    closeJob: { name: 'closeJob', reason: false, run: () => api.POST('/api/v1/jobs/{job_id}/close', { params }) },
    abort: { name: 'abort', reason: true, run: (reason) => api.POST('/api/v1/visits/{visit_id}/abort-request', { params: { path: { visit_id: visit!.id } }, body: { reason } }) },
    follow: { name: 'follow', reason: false, run: () => api.POST('/api/v1/visits/{visit_id}/follow-up', { params: { path: { visit_id: visit!.id } }, body: {} }) },
  };
  if (job.status === 'closed' || job.status === 'cancelled') return [all.reopen];
  return [
    ...(visit?.status === 'working' ? [all.abort] : []),
    ...(visit?.status === 'cannot_complete' || visit?.status === 'aborted' ? [all.follow] : []),
    ...(job.status === 'completed' ? [all.closeJob] : [job.status === 'on_hold' ? all.resume : all.hold, all.cancelJob]),
  ];
}

type Asked = { name: Deed['name'] | null; reason: string };
const NOTHING: Asked = { name: null, reason: '' };

/** The buttons of a job; what needs a reason asks for it in place. */
export function Actions({ job, visit, onDone }: { job: Job; visit?: Visit | undefined; onDone: () => void }) {
  const [asked, setAsked] = useDraft<Asked>(`deed.${job.id}`, NOTHING);
  const asking = deeds(job, visit).find((deed) => deed.name === asked.name);
  const reason = asked.reason.trim();
  const run = async (deed: Deed) => {
    try {
      await result(deed.run(reason));
      setAsked(null);
      onDone();
    } catch (error) {
      say('bad', inWords(error));
    }
  };
  if (!may('jobs.write')) return null;
  return (
    <div class="stack tight">
      <div class="row">
        {deeds(job, visit).map((deed) => (
          <Button key={deed.name} kind={deed.name === 'cancelJob' ? 'danger' : ''} aria-expanded={deed.reason ? asking?.name === deed.name : undefined}
            onClick={() => (deed.reason ? setAsked(asking?.name === deed.name ? null : { ...asked, name: deed.name }) : void run(deed))}>
            {t(deed.name)}
          </Button>
        ))}
      </div>
      {asking && (
        <form class="row end" onSubmit={(event) => (event.preventDefault(), reason && void run(asking))}>
          <TextField label={t('reason')} name="reason" value={asked.reason} onValue={(words) => setAsked({ ...asked, reason: words })} autofocus />
          <Button kind="primary" type="submit" disabled={!reason}>{t('go')}</Button>
        </form>
      )}
    </div>
  );
}
