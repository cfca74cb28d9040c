import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Button } from '@shared/ui';
import { t } from './words';

/** A sheet over the page: it takes the focus, and Escape or its button closes it. */
export function Sheet({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="sheet" aria-label={title} onClose={onClose}>
      <div class="stack">
        <div class="row">
          <h2 class="grow">{title}</h2>
          <Button kind="quiet" onClick={() => dialog.current?.close()}>{t('close')}</Button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
