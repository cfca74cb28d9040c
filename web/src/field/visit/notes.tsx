import { useState } from 'preact/hooks';
import { Button } from '@shared/ui';
import { writeNote } from '../acting';
import { world } from '../data/client';
import { type Visit, all } from '../data/rows';
import { useDeed } from '@shared/deed';
import { remembered } from '@shared/remembered';
import { t as shared } from '../words';
import { Voice } from './voice';
import { t } from './words';

const draft = (visitId: string) => `field.note.${visitId}`;

/** What somebody has begun to write on a visit and not kept yet; empty when nothing. */
export const unsavedNote = (visitId: string): string => remembered.read(draft(visitId))?.trim() ?? '';

/** Words on the visit. What is being written survives a reload. */
export function Notes({ visit }: { visit: Visit }) {
  const key = draft(visit.id);
  const [words, setWords] = useState(remembered.read(key) ?? '');
  const [open, setOpen] = useState(true);
  const [busy, once] = useDeed();
  const notes = all(world.value, 'notes', (note) => note.job_id === visit.job_id);
  notes.sort((a, b) => a.id.localeCompare(b.id));

  function write(written: string) {
    setWords(written);
    remembered.write(key, written || null);
  }

  async function keep(event: Event) {
    event.preventDefault();
    if (words.trim()) await once(() => writeNote(visit, words.trim(), !open).then(() => write('')));
  }

  return (
    <section class="card stack">
      <h2>{t('notes')}</h2>
      <p class="soft">{t('notesHint')}</p>
      {notes.map((note) => (
        <p key={note.id} class="wrapped note">{note.body}</p>
      ))}
      <form class="stack tight" onSubmit={keep}>
        <textarea aria-label={t('addNote')} placeholder={t('addNote')} rows={2} value={words}
          onInput={(event) => write(event.currentTarget.value)} />
        {words && (
          <>
            <label class="switch">
              <input type="checkbox" checked={open} onChange={(event) => setOpen(event.currentTarget.checked)} />
              {t('forCustomer')}
            </label>
            <Button type="submit" busy={busy}>{shared('save')}</Button>
          </>
        )}
      </form>
      <Voice visit={visit} />
    </section>
  );
}
