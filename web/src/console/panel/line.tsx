import { inWords } from '@shared/api';
import { useDeed } from '@shared/deed';
import { newId } from '@shared/ids';
import { Button, TextField } from '@shared/ui';
import { useDraft } from '../data/drafts';
import { say } from '../data/toasts';

interface Draft {
  text: string;
  key: string; // the same words are sent once, however often somebody asks because the answer was late or lost
}
const NOTHING: Draft = { text: '', key: '' };
export type Once = { 'Idempotency-Key': string };

type Props = { what: string; name: string; label: string; go: string; send: (text: string, once: Once) => Promise<void> };

/** One line, half written until it is sent: `what` is the name under which it stays. */
export function Line({ what, name, label, go, send }: Props) {
  const [{ text, key }, setDraft] = useDraft(what, NOTHING);
  const [busy, deed] = useDeed();
  const submit = (event: Event) => {
    event.preventDefault();
    if (!text.trim()) return;
    void deed(() => send(text.trim(), { 'Idempotency-Key': key }).then(() => setDraft(null), (error) => say('bad', inWords(error))));
  };
  return (
    <form class="row end" onSubmit={submit}>
      <TextField label={label} name={name} value={text} onValue={(words) => setDraft(words ? { text: words, key: newId() } : null)} />
      <Button type="submit" busy={busy} disabled={!text.trim()}>{go}</Button>
    </form>
  );
}
