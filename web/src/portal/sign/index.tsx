import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { components } from '@api';
import { ProblemError, inWords } from '@shared/api';
import { type ReportDocument, ReportView } from '@shared/report';
import { Button, Notice } from '@shared/ui';
import { call, slugOf } from '../calls';
import { Signing } from './signing';
import { t } from './words';

type SignPage = components['schemas']['SignPage'];
type Receipt = components['schemas']['RemoteReceipt'];

/** The page behind a link for signing: the report, a code to the signer's own phone or mail, the signature. */
export function Sign({ token }: { token: string }) {
  const [page, setPage] = useState<SignPage | null>(null);
  const [changed, setChanged] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const [receipt, setReceipt] = useState<Receipt | null>(null);

  async function open(again = false) {
    try {
      const found = await call<SignPage>('GET', `/sign/${token}`);
      setChanged(again || found.changed);
      setPage(found);
      setFault(null);
    } catch (error) {
      setFault(error);
    }
  }
  useEffect(() => void open(), [token]);

  if (receipt) return <Done receipt={receipt} />;
  if (fault) return <Closed fault={fault} onAgain={open} />;
  if (!page) return <Notice>{t('loading')}</Notice>;
  return (
    <>
      <h1>{t('title')}</h1>
      {changed && <Fresh key={page.sha256}><Notice kind="warn">{t('changed')}</Notice></Fresh>}
      <p>{t('intro', { organisation: page.organisation })}</p>
      <div class="card">
        <ReportView report={page.document as unknown as ReportDocument} pictures={page.pictures as Record<string, string>} />
      </div>
      <Signing token={token} page={page} onDone={setReceipt} onChanged={() => open(true)} onOver={setFault} />
    </>
  );
}

function Done({ receipt }: { receipt: Receipt }) {
  return (
    <Fresh>
      <h1>{t(receipt.outcome === 'signed' ? 'doneSigned' : 'doneRefused')}</h1>
      <Notice kind="good">{t('proof')} <code>{receipt.doc_sha256}</code></Notice>
    </Fresh>
  );
}

const STATES = ['used', 'withdrawn', 'expired'] as const;

/** Why there is nothing to sign here, and what helps. */
function Closed({ fault, onAgain }: { fault: unknown; onAgain: () => void }) {
  const state = fault instanceof ProblemError ? STATES.find((each) => each === fault.problem.state) : undefined;
  if (state || slugOf(fault) === 'not-found') return <Fresh><h1>{t('closed')}</h1><Notice kind="warn">{t(state ?? 'unknown')}</Notice></Fresh>;
  return <Fresh><Notice kind="warn">{inWords(fault)}</Notice><Button onClick={() => onAgain()}>{t('again')}</Button></Fresh>;
}

/** What takes the place of what somebody looked at: it is brought before their eyes, and read out. */
function Fresh({ children }: { children: ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return <div ref={box} tabIndex={-1} class="stack fresh">{children}</div>;
}
