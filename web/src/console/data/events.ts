import { signal } from '@preact/signals';
import { ProblemError, Unreachable, session } from '@shared/api';

export interface Heard {
  topic: string;
  id?: string;
  rev?: number;
  visit_id?: string;
  job_id?: string;
  from?: string;
  to?: string;
}

const SILENCE_MS = 45_000; // the server says something every 20 s
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/** How the live connection stands, and since when (epoch ms). */
export const link = signal<{ state: 'connecting' | 'live' | 'gone'; since: number }>({
  state: 'connecting',
  since: Date.now(),
});

const listeners = new Set<(heard: Heard) => void>();
let lastId = '';

/** Calls `listener` for every event of the organisation. Returns how to stop. */
export function onEvent(listener: (heard: Heard) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Listens until the page ends: comes back after every break, from the event where it was. */
export async function listen(resumed: () => void): Promise<never> {
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    let retry: number | null = null;
    try {
      if (await follow(resumed)) wait = FIRST_WAIT_MS;
    } catch (error) {
      if (error instanceof ProblemError) retry = error.retryAfter;
      else if (!(error instanceof Unreachable)) console.info('live connection', error);
    }
    if (link.value.state !== 'gone') link.value = { state: 'gone', since: Date.now() };
    await pause(retry ? retry * 1000 : wait * (0.75 + Math.random() / 2));
  }
}

/** One connection, to its end. True when something came over it. */
async function follow(resumed: () => void): Promise<boolean> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  const unplugged = () => silence.abort();
  addEventListener('offline', unplugged);
  const headers = { Accept: 'text/event-stream', ...(lastId ? { 'Last-Event-ID': lastId } : {}) };
  const request = new Request('/api/v1/events', { headers, signal: silence.signal, cache: 'no-store' });
  let heard = false;
  try {
    const answer = await session.fetch(request);
    if (!answer.ok || !answer.body) {
      throw new ProblemError(answer.status, {}, Number(answer.headers.get('Retry-After')) || null);
    }
    let rest = '';
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (!heard) {
        heard = true;
        link.value = { state: 'live', since: Date.now() };
        resumed();
      }
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      const frames = (rest + part.value).split('\n\n');
      rest = frames.pop() ?? '';
      frames.forEach(take);
    }
  } finally {
    clearTimeout(timer);
    removeEventListener('offline', unplugged);
  }
  return heard;
}

function take(frame: string): void {
  const fields = Object.fromEntries(frame.split('\n').map((line) => /^(\w+): ?(.*)$/.exec(line)?.slice(1) ?? ['', '']));
  if (fields.id) lastId = fields.id;
  if (!fields.data) return;
  const heard = JSON.parse(fields.data) as Heard;
  for (const listener of listeners) listener(heard);
}

/** Waits; the browser's word that the network is back ends it at once. */
function pause(length: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => (clearTimeout(timer), removeEventListener('online', done), resolve());
    const timer = setTimeout(done, length);
    addEventListener('online', done);
  });
}
