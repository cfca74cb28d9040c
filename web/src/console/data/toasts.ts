import { effect, signal } from '@preact/signals';
import { inWords } from '@shared/api';
import { t } from '../words';

/** What a message hangs on: once it does not hold any more the message goes, and `turned` says what is true instead. */
export interface Truth {
  about: string;
  holds: () => boolean;
  turned?: () => void;
}
/** The way back; false when it was not gone, because the dispatcher is asked first. */
export type Undo = () => Promise<boolean | void>;
export interface Toast {
  id: number;
  kind: 'good' | 'bad' | 'warn';
  words: string;
  undo?: Undo;
  truth?: Truth;
}

const STAYS_MS = 20_000;
export const toasts = signal<readonly Toast[]>([]);
let last = 0;

/** Says something at the edge of the screen; what can be undone offers it, what can become untrue brings its truth. */
export function say(kind: Toast['kind'], words: string, undo?: Undo, truth?: Truth, stays = STAYS_MS): void {
  const id = ++last;
  toasts.value = [...toasts.value.slice(-3), { id, kind, words, ...(undo && { undo }), ...(truth && { truth }) }];
  setTimeout(() => dismiss(id), stays);
}

export const dismiss = (id: number): void => void (toasts.value = toasts.value.filter((toast) => toast.id !== id));

/** Takes away what was said of something, because newer words follow. */
export const unsay = (about: string): void => void (toasts.value = toasts.value.filter((toast) => toast.truth?.about !== about));

effect(() => {
  const untrue = toasts.value.filter((toast) => toast.truth && !toast.truth.holds());
  if (!untrue.length) return;
  toasts.value = toasts.value.filter((toast) => !untrue.includes(toast));
  queueMicrotask(() => untrue.forEach((toast) => toast.truth!.turned?.()));
});

/** Undoes what a toast tells of. */
export async function undo(toast: Toast): Promise<void> {
  dismiss(toast.id);
  try {
    if ((await toast.undo?.()) !== false) say('good', t('undone'));
  } catch (error) {
    say('bad', inWords(error));
  }
}

/** Undoes the newest thing that can be undone. */
export function undoLast(): void {
  const toast = toasts.value.findLast((one) => one.undo);
  if (toast) void undo(toast);
}
