import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { inWords } from '@shared/api';
import { Button, Notice } from '@shared/ui';
import { shownStatus } from '../data/risk';
import type { Visit } from '../data/shapes';
import { priorityName, t } from '../words';

/** How urgent, as a word and a shape: never by colour alone. */
export function Priority({ value }: { value: number }) {
  return (
    <span class={`priority p${value}`} title={`${t('priority')}: ${priorityName(value)}`}>
      {'▲'.repeat(Math.max(0, 3 - value)) || (value === 3 ? '■' : '▽')} <span>{priorityName(value)}</span>
    </span>
  );
}

export function StatusTag({ visit }: { visit: Visit }) {
  const value = shownStatus(visit);
  return <span class={`status s-${value}`}>{t(value)}</span>;
}

/** What went wrong, with a way to try again. */
export function Fault({ error, onAgain }: { error: unknown; onAgain?: () => void }) {
  return (
    <Notice kind="bad">
      {inWords(error)} {onAgain && <Button onClick={onAgain}>{t('again')}</Button>}
    </Notice>
  );
}

/** What is there when nothing is there, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <strong>{title}</strong>
      {children && <p class="soft">{children}</p>}
    </div>
  );
}

type DialogProps = { label: string; onClose: () => void; children: ComponentChildren; wide?: boolean; light?: boolean };

/** A modal dialog of the browser: it keeps the focus inside and gives it back; Escape closes it, and a `light` one a press beside it, too. */
export function Dialog({ label, onClose, children, wide, light }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    element.current?.showModal();
    return () => {
      const at = document.activeElement;
      if (at === document.body || element.current?.contains(at)) before?.focus?.(); // whoever went on stays there
    };
  }, []);
  const beside = ({ clientX, clientY }: MouseEvent) => {
    const { left, right, top, bottom } = element.current!.getBoundingClientRect();
    if (clientX < left || clientX > right || clientY < top || clientY > bottom) element.current!.close();
  };
  return (
    <dialog ref={element} onPointerDown={light ? beside : undefined} class={`dialog ${wide ? 'wide' : ''}`} aria-label={label} onClose={onClose}>
      <header class="row">
        <h2 class="grow">{label}</h2>
        <Button kind="quiet" aria-label={t('close')} onClick={() => element.current?.close()}>
          ✕
        </Button>
      </header>
      {children}
    </dialog>
  );
}
