import { signal } from '@preact/signals';
import { inWords } from '@shared/api';
import { t } from '../words';

export interface Toast {
  id: number;
  kind: 'good' | 'bad' | 'warn';
  words: string;
  undo?: () => Promise<void>;
}

const STAYS_MS = 20_000;
export const toasts = signal<readonly Toast[]>([]);
let last = 0;

/** Says something at the edge of the screen; what can be undone offers it. */
export function say(kind: Toast['kind'], words: string, undo?: () => Promise<void>): void {
  const id = ++last;
  toasts.value = [...toasts.value.slice(-3), { id, kind, words, ...(undo ? { undo } : {}) }];
  setTimeout(() => dismiss(id), STAYS_MS);
}

export const dismiss = (id: number): void => void (toasts.value = toasts.value.filter((toast) => toast.id !== id));

/** Undoes what a toast tells of. */
export async function undo(toast: Toast): Promise<void> {
  dismiss(toast.id);
  try {
    await toast.undo?.();
    say('good', t('undone'));
  } catch (error) {
    say('bad', inWords(error));
  }
}

/** Undoes the newest thing that can be undone. */
export function undoLast(): void {
  const toast = toasts.value.findLast((one) => one.undo);
  if (toast) void undo(toast);
}
