import { signal } from '@preact/signals';
import { api, result, session } from '@shared/api';
import { remembered } from '@shared/remembered';
import { nudge } from './data/client';
import { go } from './route';

/** Whether this phone is told of work while the app is closed, and if not, why. */
export const push = signal<'off' | 'on' | 'denied' | 'unsupported' | 'failed'>('off');

const KEY = 'field.push';
const PATIENCE_MS = 3_000; // nobody waits longer to sign out
const wanted = () => remembered.read(KEY) === session.current.value?.deviceId;

/** What the worker says to a window: news are there, or the place that somebody pressed on. */
type Said = { news: true } | { go: string };

/** Goes on with what was chosen, also after the server's key has changed; hears what the worker says. */
export async function keepPush(): Promise<void> {
  if (!('PushManager' in globalThis) || !navigator.serviceWorker) return void (push.value = 'unsupported');
  navigator.serviceWorker.addEventListener('message', ({ data }: MessageEvent<Said>) => {
    if ('go' in data) go(...data.go.split('/').filter(Boolean).slice(1));
    else if ('news' in data) nudge();
  });
  if (!wanted()) return;
  if (Notification.permission === 'granted') await subscribe();
  else push.value = 'denied';
}

/** Turns the switch. The browser asks its person first; a no is said, and changes nothing else. */
export async function wantPush(on: boolean): Promise<void> {
  if (!on) return stopPush();
  if ((await Notification.requestPermission()) !== 'granted') return void (push.value = 'denied');
  remembered.write(KEY, session.current.value?.deviceId ?? null);
  await subscribe();
}

/** Ends it here and, where it can be reached, on the server: whoever uses this browser next hears nothing of it. */
export async function stopPush(): Promise<void> {
  remembered.write(KEY, null);
  const manager = (await navigator.serviceWorker?.getRegistration('/field/'))?.pushManager;
  const known = await manager?.getSubscription().catch(() => null);
  await known?.unsubscribe().catch(() => false);
  if (push.value === 'on') await api.DELETE('/api/v1/me/push-subscription', { signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => undefined);
  push.value = manager ? 'off' : 'unsupported';
}

async function subscribe(): Promise<void> {
  try {
    const { pushManager } = await navigator.serviceWorker.ready;
    const { key } = await result(api.GET('/api/v1/me/push-key'));
    const known = await pushManager.getSubscription();
    if (known && !same(known.options.applicationServerKey, key)) await known.unsubscribe();
    const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    const { endpoint, keys } = made.toJSON();
    await result(api.PUT('/api/v1/me/push-subscription', { body: { endpoint: endpoint!, keys: keys as never } }));
    push.value = 'on';
  } catch {
    push.value = 'failed'; // no network, or no push service: it is tried again at the next start
  }
}

function same(known: ArrayBuffer | null, key: string): boolean {
  return Boolean(known) && btoa(String.fromCharCode(...new Uint8Array(known!))).replace(/=+$/, '') === key.replace(/-/g, '+').replace(/_/g, '/');
}
