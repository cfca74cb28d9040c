import { useEffect, useState } from 'preact/hooks';
import { api, result } from '@shared/api';
import { dictionary } from '@shared/i18n';
import { Button } from '@shared/ui';
import { shownJob } from '../data/risk';
import type { Job, Row } from '../data/shapes';
import { jobState } from '../panel/job-words';
import { Choice } from './select';

const t = dictionary(
  { open: 'Already open here', instead: 'Open it instead', asset: 'What it is about', none: 'Nothing in particular' },
  { open: '此处已有未完成的工单', instead: '改为打开此工单', asset: '涉及设备', none: '不指定' },
);
const ALIVE = 'new,open,scheduled,in_progress,on_hold';
const MOST = { jobs: 5, assets: 200 };

type Props = { site: string; asset: string; onAsset: (id: string) => void; onOpen: (job_id: string) => void };

/** What is known of a site while a call is taken: the jobs that are open there already, and what is installed. */
export function AtSite({ site, asset, onAsset, onOpen }: Props) {
  const jobs = useList<Job>('/api/v1/jobs', { site_id: site, status: ALIVE, limit: MOST.jobs, sort: '-created_at' });
  const assets = useList<Row<'Asset'>>('/api/v1/assets', { site_id: site, limit: MOST.assets, sort: 'name' });
  const names = assets.map((one) => [one.id, [one.name, one.model, one.serial].filter(Boolean).join(' · ')] as const);
  return (
    <>
      {jobs.length > 0 && (
        <section class="notice warn" aria-label={t('open')}>
          <strong>{t('open')}</strong>
          {jobs.map((one) => (
            <div key={one.id} class="line">
              <span class="grow">{one.number} · {one.summary} <span class="soft">{jobState(shownJob(one))}</span></span>
              <Button aria-label={`${t('instead')}: ${one.number}`} onClick={() => onOpen(one.id)}>{t('instead')}</Button>
            </div>
          ))}
        </section>
      )}
      {names.length > 0 && <Choice label={t('asset')} name="asset" value={asset} onValue={onAsset} options={[['', t('none')], ...names]} />}
    </>
  );
}

/** The rows of a list; none where they cannot be had, since a call is taken all the same. */
function useList<Item>(path: '/api/v1/jobs' | '/api/v1/assets', query: Record<string, string | number>): Item[] {
  const [rows, setRows] = useState<Item[]>([]);
  useEffect(() => {
    const found = result(api.GET(path, { params: { query: query as never } })) as unknown as Promise<{ items: Item[] }>;
    found.then((page) => setRows(page.items), () => setRows([]));
  }, [path, query.site_id]);
  return rows;
}
