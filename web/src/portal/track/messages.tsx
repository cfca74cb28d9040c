import { useState } from 'preact/hooks';
import { inWords } from '@shared/api';
import { formatTime } from '@shared/i18n';
import { Button, Notice } from '@shared/ui';
import { call } from '../calls';
import type { Known, Tracked } from './index';
import { t } from './words';

const MOST = 2_000;
const MOMENT = { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false } as const;
type Props = { code: string; known: Known; written: Tracked['messages']; zone: string; onSent: (now: Tracked) => void };

/** What the customer and the office have written to each other, and a field for more. What was not taken stays in it. */
export function Messages({ code, known, written, zone, onSent }: Props) {
  const [words, setWords] = useState('');
  const [fault, setFault] = useState<unknown>(null);
  const [sent, setSent] = useState(false);
  const [busy, setBusy] = useState(false);

  async function send(event: Event) {
    event.preventDefault();
    setBusy(true);
    try {
      onSent(await call<Tracked>('POST', `/track/${code}/messages`, { ...known, text: words.trim() }));
      setWords('');
      setFault(null);
      setSent(true);
    } catch (error) {
      setFault(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <section class="card stack">
      {written.length > 0 && <h2>{t('messages')}</h2>}
      {written.map(({ at, by, text }) => (
        <p key={at} class={`letter ${by}`}>
          <span class="soft">{t(by as 'office')} · {formatTime(at, { timeZone: zone, ...MOMENT })}</span> {text}
        </p>
      ))}
      {sent && <Notice kind="good">{t('received')}</Notice>}
      {fault != null && <Notice kind="bad">{inWords(fault)}</Notice>}
      <form class="stack" onSubmit={send}>
        <div class="field">
          <label for="letter">{t('write')}</label>
          <textarea id="letter" rows={3} maxLength={MOST} aria-describedby="letter-hint" value={words}
            onInput={(event) => (setWords(event.currentTarget.value), setSent(false))} />
          <span id="letter-hint" class="soft">{t('writeHint')}</span>
        </div>
        <Button type="submit" busy={busy} disabled={!words.trim()}>{t('leave')}</Button>
      </form>
    </section>
  );
}
