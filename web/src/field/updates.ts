import { signal } from '@preact/signals';

/** A newer version of the app lies on this phone and waits. */
export const updateWaits = signal(false);
/** Why the app cannot be kept on this phone, if it cannot: `insecure` address, `unsupported` browser, `failed`. */
export const notKept = signal<'insecure' | 'unsupported' | 'failed' | null>(null);

const PATIENCE_MS = 3_000;
let registration: ServiceWorkerRegistration | undefined;

/** Keeps the app on this phone. The page is drawn anew only when its user has asked for the new version. */
export async function keepApp(): Promise<void> {
  if (!globalThis.isSecureContext) notKept.value = 'insecure';
  else if (!navigator.serviceWorker) notKept.value = 'unsupported';
  if (notKept.value) return;
  try {
    registration = await navigator.serviceWorker.register('/field/worker.js', { scope: '/field/' });
  } catch {
    notKept.value = navigator.serviceWorker.controller ? null : 'failed';
    return;
  }
  watch(registration);
  registration.addEventListener('updatefound', () => watch(registration!));
}

function watch({ waiting, installing }: ServiceWorkerRegistration): void {
  updateWaits.value = Boolean(waiting && navigator.serviceWorker.controller);
  installing?.addEventListener('statechange', () => {
    if (installing.state === 'installed') updateWaits.value = Boolean(navigator.serviceWorker.controller);
  });
}

/** Looks for a newer version; without a network nothing happens. */
export async function lookForUpdate(): Promise<void> {
  await registration?.update().catch(() => undefined);
}

/** The waiting version takes over and the page is drawn anew. Unsent work stays where it is: it is not the page's. */
export function takeUpdate(): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  registration?.waiting?.postMessage('take-over');
}

/** Whether the app would open without a network: its worker answers, and every file is there. */
export async function appIsKept(): Promise<boolean> {
  const worker = navigator.serviceWorker?.controller;
  if (!worker) return false;
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (event: MessageEvent<boolean>) => resolve(event.data);
    setTimeout(() => resolve(false), PATIENCE_MS);
    worker.postMessage('complete?', [port2]);
  });
}
