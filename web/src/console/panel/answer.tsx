import { api, inWords, result } from '@shared/api';
import { dictionary } from '@shared/i18n';
import { Button, TextField } from '@shared/ui';
import { may } from '../data/calls';
import { useDraft } from '../data/drafts';
import type { Job } from '../data/shapes';
import { say } from '../data/toasts';

const t = dictionary(
  { write: 'Answer the customer', send: 'Send', sent: 'It stands on the customer’s page.' },
  { write: '回复客户', send: '发送', sent: '已显示在客户页面上。' },
);

/** A line to the job's customer, who reads it on their page. */
export function AnswerCustomer({ job, onDone }: { job: Job; onDone: () => void }) {
  const [text, setText] = useDraft<string>(`answer.${job.id}`, '');
  if (!may('jobs.write') || !job.contact_id) return null;
  const send = async (event: Event) => {
    event.preventDefault();
    try {
      await result(api.POST('/api/v1/jobs/{job_id}/messages', { params: { path: { job_id: job.id } }, body: { text: text.trim() } }));
      setText(null);
      say('good', t('sent'));
      onDone();
    } catch (error) {
      say('bad', inWords(error));
    }
  };
  return (
    <form class="row end" onSubmit={send}>
      <TextField label={t('write')} name="answer" value={text} onValue={setText} />
      <Button type="submit" disabled={!text.trim()}>{t('send')}</Button>
    </form>
  );
}
