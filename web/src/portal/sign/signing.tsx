import { useEffect, useState } from 'preact/hooks';
import type { components } from '@api';
import { ProblemError, inWords } from '@shared/api';
import { Pad } from '@shared/pad';
import { spoken } from '@shared/report';
import type { Stroke } from '@shared/strokes';
import { Button, Notice, TextField } from '@shared/ui';
import { call, slugOf } from '../calls';
import { Code } from './code';
import { t } from './words';

type Receipt = components['schemas']['RemoteReceipt'];
type Fault = { at: 'name' | 'code' | 'pad' | 'reason' | 'form'; words: string };
type Props = {
  token: string;
  page: components['schemas']['SignPage'];
  onDone: (receipt: Receipt) => void;
  /** The report is another by now: what was drawn is wiped, the rest stays. */
  onChanged: () => void;
  onOver: (fault: unknown) => void;
};

const ROLES = ['customer', 'tenant', 'caretaker', 'colleague'] as const;
const DIGITS = /^\d{6}$/;

/** Who signs, the field for it or the reason why not, and the code that shows who it is. */
export function Signing({ token, page, onDone, onChanged, onOver }: Props) {
  const [name, setName] = useState(page.signer_name ?? '');
  const [role, setRole] = useState<string>('customer');
  const [entered, setEntered] = useState('');
  const [strokes, setStrokes] = useState<Stroke[]>([]);
  const [refusing, setRefusing] = useState(false);
  const [reason, setReason] = useState('');
  const [wrong, setWrong] = useState<Fault | null>(null);
  const [busy, setBusy] = useState(false);
  const code = entered.replace(/\s/g, '');
  const errorAt = (place: Fault['at']) => (wrong?.at === place ? wrong.words : undefined);
  useEffect(() => setStrokes([]), [page.sha256, refusing]); // the field is a new one, and empty

  function incomplete(): Fault | null {
    if (!name.trim()) return { at: 'name', words: t('nameMissing') };
    if (refusing && !reason.trim()) return { at: 'reason', words: t('reasonMissing') };
    if (!refusing && !strokes.length) return { at: 'pad', words: t('padEmpty') };
    return DIGITS.test(code) ? null : { at: 'code', words: t('codeMissing') };
  }

  async function submit(event: Event) {
    event.preventDefault();
    const missing = incomplete();
    setWrong(missing);
    if (missing) return;
    setBusy(true);
    const given = refusing ? { outcome: 'refused', reason: reason.trim() } : { outcome: 'signed', strokes };
    const signed = { ...given, name: name.trim(), role, code, doc_sha256: page.sha256 };
    await call<Receipt>('POST', `/sign/${token}`, signed).then(onDone, refused);
    setBusy(false);
  }

  function refused(error: unknown) {
    const slug = slugOf(error);
    if (slug === 'report-changed') onChanged();
    else if (slug === 'link-expired') onOver(error);
    else if (slug === 'strokes-invalid') setWrong({ at: 'pad', words: t('padEmpty') });
    else if (slug === 'code-wrong') setWrong({ at: 'code', words: codeWords(error) });
    else setWrong({ at: 'form', words: inWords(error) });
  }

  return (
    <form class="card stack" onSubmit={submit} noValidate>
      <h2>{t(refusing ? 'refuse' : 'yours')}</h2>
      <TextField label={t('name')} name="name" autocomplete="name" maxlength={200} value={name} onValue={setName} error={errorAt('name')} />
      <div class="field">
        <label for="role">{t('role')}</label>
        <select id="role" value={role} onChange={(event) => setRole(event.currentTarget.value)}>
          {ROLES.map((each) => <option key={each} value={each}>{t(each)}</option>)}
        </select>
      </div>
      {refusing ? (
        <TextField label={t('why')} name="reason" maxlength={2000} value={reason} onValue={setReason} error={errorAt('reason')} autofocus />
      ) : (
        <>
          <p lang={spoken(page.language)}>{page.consent}</p>
          <Pad key={page.sha256} onDrawn={setStrokes} error={errorAt('pad')} />
        </>
      )}
      <Code token={token} to={page.sent_to} onOver={onOver} />
      <TextField label={t('code')} name="code" inputmode="numeric" autocomplete="one-time-code" maxlength={20} value={entered}
        onValue={setEntered} error={errorAt('code')} />
      {wrong?.at === 'form' && <Notice kind="bad">{wrong.words}</Notice>}
      <Button kind="primary" type="submit" busy={busy}>{t(refusing ? 'send' : 'sign')}</Button>
      <Button onClick={() => (setRefusing(!refusing), setWrong(null))}>{t(refusing ? 'back' : 'refuse')}</Button>
    </form>
  );
}

function codeWords(error: unknown): string {
  const left = error instanceof ProblemError ? Number(error.problem.tries_left ?? 0) : 0;
  return left ? t('codeWrong', { n: left }) : t('codeSpent');
}
