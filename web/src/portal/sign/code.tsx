import { useState } from 'preact/hooks';
import type { components } from '@api';
import { inWords } from '@shared/api';
import { Button, Notice } from '@shared/ui';
import { call, slugOf } from '../calls';
import { t } from './words';

type Sent = components['schemas']['CodeSent'];

/** Asks for the one-time code; where nothing is ever sent (a demo) the answer shows it. */
export function Code({ token, to, onOver }: { token: string; to: string; onOver: (fault: unknown) => void }) {
  const [sent, setSent] = useState<Sent | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function send() {
    setBusy(true);
    setFault(null);
    await call<Sent>('POST', `/sign/${token}/code`).then(setSent, refused);
    setBusy(false);
  }

  function refused(error: unknown) {
    if (slugOf(error) === 'link-expired') onOver(error);
    else setFault(slugOf(error) === 'state-conflict' ? t('noMoreCodes') : inWords(error));
  }

  return (
    <>
      <Button busy={busy} onClick={send}>{t(sent ? 'sendAnother' : 'sendCode', { to })}</Button>
      {fault && <Notice kind="bad">{fault}</Notice>}
      {sent && (
        <Notice key={sent.expires_at} kind="good">
          {sent.shown_code ? t('codeShown', { code: sent.shown_code }) : t('codeSent', { to: sent.sent_to })}
        </Notice>
      )}
    </>
  );
}
