import type { Fetch } from './transport';

const SILENCE_MS = 60_000; // three heartbeats
const PAUSE_MS = 5_000;

/**
 * Listens for pokes (Server-Sent Events read with fetch: they need a header) and calls `poked` for each. A poke is a
 * hint and never data: whoever hears none loses only time. Ends when `signal` is aborted.
 */
export async function listen(fetch: Fetch, origin: string, poked: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const retryAfter = await attend(fetch, origin, poked, signal).catch(() => null);
    await pause((retryAfter ?? 0) * 1_000 + PAUSE_MS * (0.5 + Math.random()), signal);
  }
}

/** One connection, until it ends. Returns the seconds after which the server wants the next one. */
async function attend(fetch: Fetch, origin: string, poked: () => void, signal: AbortSignal): Promise<number | null> {
  const silence = new AbortController();
  const request = new Request(`${origin}/api/v1/sync/stream`, { signal: AbortSignal.any([signal, silence.signal]) });
  const response = await fetch(request);
  if (!response.ok || !response.body) return Number(response.headers.get('Retry-After')) || null;
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ''; ; ) {
      const { done, value } = await reader.read();
      if (done) return null;
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      const frames = (rest + value).split('\n\n');
      rest = frames.pop()!;
      if (frames.some((frame) => /^event: ?poke$/m.test(frame))) poked();
    }
  } finally {
    clearTimeout(timer);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
