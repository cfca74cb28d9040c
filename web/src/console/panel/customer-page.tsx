import { useState } from 'preact/hooks';
import { api, inWords, result } from '@shared/api';
import { dictionary } from '@shared/i18n';
import { Button } from '@shared/ui';
import type { Job } from '../data/shapes';
import { say } from '../data/toasts';
import { Address } from '../parts/address';

const t = dictionary(
  { show: 'Address of the customer’s page', hint: 'It opens with the last four digits of their phone.' },
  { show: '客户页面地址', hint: '客户凭手机号码后四位打开。' },
);

/** The page on which the job's customer follows it, for whoever is asked for it on the phone. */
export function CustomerPage({ job }: { job: Job }) {
  const [url, setUrl] = useState<string | null>(null);
  if (!job.contact_id) return null;
  const show = () => result(api.GET('/api/v1/jobs/{job_id}/track-link', { params: { path: { job_id: job.id } } })).then((it) => setUrl(it.url), (fault) => say('bad', inWords(fault)));
  if (!url) return <Button onClick={show}>{t('show')}</Button>;
  return (
    <p>
      <Address url={url} /> <span class="soft">{t('hint')}</span>
    </p>
  );
}
