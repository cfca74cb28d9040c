import { api, result } from '@shared/api';
import { dictionary } from '@shared/i18n';
import { may } from '../data/calls';
import type { Job } from '../data/shapes';
import { say } from '../data/toasts';
import { Line } from './line';

const t = dictionary(
  { write: 'Answer the customer', send: 'Send', sent: 'It stands on the customer’s page.' },
  { write: '回复客户', send: '发送', sent: '已显示在客户页面上。' },
);

/** A line to the job's customer, who reads it on their page. */
export function AnswerCustomer({ job, onDone }: { job: Job; onDone: () => void }) {
  if (!may('jobs.write') || !job.contact_id) return null;
  return (
    <Line what={`answer.${job.id}`} name="answer" label={t('write')} go={t('send')}
      send={async (text, headers) => {
        await result(api.POST('/api/v1/jobs/{job_id}/messages', { params: { path: { job_id: job.id } }, body: { text }, headers }));
        say('good', t('sent'));
        onDone();
      }}
    />
  );
}
