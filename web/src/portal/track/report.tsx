import { useState } from 'preact/hooks';
import { inWords } from '@shared/api';
import { Button, Notice } from '@shared/ui';
import { ask } from '../calls';
import type { Known, Visit } from './index';
import { t } from './words';

/** The sealed report as a file, and the page where anybody can check it. */
export function Report({ code, known, visit }: { code: string; known: Known; visit: Visit }) {
  const [fault, setFault] = useState<unknown>(null);
  const { report } = visit;
  if (!report) return null;

  async function save() {
    try {
      const file = await ask('POST', `/track/${code}/report`, { ...known, visit_id: visit.id });
      const address = URL.createObjectURL(await file.blob());
      Object.assign(document.createElement('a'), { href: address, download: `${report!.number}.pdf` }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
      setFault(null);
    } catch (error) {
      setFault(error);
    }
  }

  return (
    <>
      {fault != null && <Notice kind="bad">{inWords(fault)}</Notice>}
      <Button onClick={save}>{t('report', { number: report.number })}</Button>
      <a class="button" href={report.proof}>{t('proof')}</a>
    </>
  );
}
