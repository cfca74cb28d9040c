import { signal } from '@preact/signals';
import { liveQuery } from 'dexie';
import { DetailedError, type HttpRequest, Upload } from 'tus-js-client';
import { api, session } from '@shared/api';
import { type Photo, own } from '../data/own';

/** The photos and voice notes that the server does not have yet, and how many of their bytes it has. */
export const waitingPhotos = signal({ count: 0, spoken: 0, size: 0, sent: 0 });

const PATIENCE_MS = [0, 1_000, 3_000, 8_000, 20_000, 60_000];
const ENDPOINT = '/api/v1/media/uploads';
let running: Promise<void> | null = null;

/** Keeps `waitingPhotos` true for as long as the page lives. Returns how to stop. */
export function watchPhotos(): () => void {
  const waiting = liveQuery(() => own().photos.filter((photo) => photo.original !== null).toArray());
  const watching = waiting.subscribe((photos) => {
    const size = photos.reduce((sum, photo) => sum + photo.size, 0);
    const spoken = photos.filter(({ kind }) => kind === 'audio').length;
    waitingPhotos.value = { count: photos.length, spoken, size, sent: photos.reduce((sum, photo) => sum + photo.sent, 0) };
  });
  return () => watching.unsubscribe();
}

/** Sends what waits, one photo after another, each from where the server stands. Never two rounds at once. */
export function sendPhotos(): Promise<void> {
  running ??= navigator.locks.request('callout.photos', sendAll).then(() => undefined).finally(() => (running = null));
  return running;
}

async function sendAll(): Promise<void> {
  for (const photo of await own().photos.filter((each) => each.original !== null).sortBy('captured_at')) {
    if (!(await sent(photo))) return; // no network: the next round goes on from here
  }
}

/** Whether the server has the whole photo; only then its original goes. */
async function sent(photo: Photo): Promise<boolean> {
  try {
    await upload(photo);
  } catch (error) {
    return refused(photo, error);
  }
  await own().photos.update(photo.id, { original: null, sent: photo.size });
  return true;
}

/** A refusal of one photo does not stop the others. An upload that is no more is begun again. */
async function refused(photo: Photo, error: unknown): Promise<boolean> {
  const status = error instanceof DetailedError ? (error.originalResponse?.getStatus() ?? 0) : 0;
  if (status === 401) await api.GET('/api/v1/me').catch(() => undefined); // renews the tokens
  if (status === 404 || status === 410) await own().photos.update(photo.id, { address: null, sent: 0 });
  return status >= 400 && status < 500 && status !== 401 && status !== 429;
}

function upload(photo: Photo): Promise<void> {
  return new Promise((resolve, reject) => {
    const sending = new Upload(photo.original!, {
      endpoint: ENDPOINT,
      uploadUrl: photo.address,
      storeFingerprintForResuming: false,
      retryDelays: PATIENCE_MS,
      metadata: metadata(photo),
      onBeforeRequest: signed,
      onUploadUrlAvailable: () => void own().photos.update(photo.id, { address: sending.url }),
      onProgress: (bytes) => void own().photos.update(photo.id, { sent: bytes }),
      onSuccess: () => resolve(),
      onError: reject,
    });
    sending.start();
  });
}

function metadata({ id, visit_id, sha256, name, type, captured_at }: Photo): Record<string, string> {
  return { media_id: id, visit_id, sha256, filename: name, filetype: type, captured_at };
}

function signed(request: HttpRequest): void {
  const access = session.current.value?.tokens?.access;
  if (access) request.setHeader('Authorization', `Bearer ${access}`);
}
