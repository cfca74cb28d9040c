import { signal } from '@preact/signals';
import { liveQuery } from 'dexie';
import { session } from '@shared/api';
import { APP_VERSION } from '@shared/version';
import { type Change, Scheduler, type State, SyncClient, listen } from '@shared/sync';
import { publicJwk } from '../sign/envelope';
import { signingKey } from '../sign/key';
import { lookForLoss, noteKept } from './kept';
import { eraseOwn, openOwn } from './own';
import { NAMES, type Row, type World, emptyWorld } from './rows';

const SCHEMA = 1;

/** Everything that this phone shows, unsent changes included. */
export const world = signal<World>(emptyWorld());
/** Where this phone stands towards the server; null until its storage is open. */
export const standing = signal<State | null>(null);

let client: SyncClient;
let scheduler: Scheduler;

/** Opens what this phone holds of the signed-in person, and shows it before anything is asked of a network. */
export async function openStore(): Promise<void> {
  const { deviceId } = session.current.value!;
  await openOwn(deviceId);
  client = await SyncClient.open({
    deviceId,
    appVersion: APP_VERSION,
    schema: SCHEMA,
    fetch: session.fetch,
    origin: location.origin,
    publicKey: async () => publicJwk(await signingKey()),
  });
  scheduler = new Scheduler(client);
  client.subscribe((state) => void told(state));
  lookForLoss(deviceId, (await client.state()).contactAt === null);
  await show();
  await client.tell();
  liveQuery(() => client.copy.rows.toArray()).subscribe(() => void show());
  liveQuery(() => client.copy.queue.count()).subscribe(() => void client.tell()); // of another tab, too
}

/** Keeps changes, all or none, and shows them at once; they are sent as soon as there is a network. Returns `device_at`. */
export async function mutate(...changes: Change[]): Promise<string> {
  const [first] = await client.change(...changes);
  const { queue, sent } = client.copy;
  const kept = (await queue.filter(({ id }) => id === first).first()) ?? (await sent.filter(({ id }) => id === first).first());
  await show();
  scheduler.nudge();
  return kept!.device_at;
}

/** Meets the server now, if somebody is signed in and the phone is in somebody's hand. */
export function nudge(): void {
  if (session.signedIn) scheduler.nudge();
}

/** Goes on, or rests, with the eyes of its person. Pokes of the server are heard only meanwhile. */
export function attend(): void {
  let hearing = new AbortController();
  const follow = () => {
    hearing.abort();
    if (document.visibilityState !== 'visible' || !session.signedIn) return scheduler.sleep();
    scheduler.wake();
    hearing = new AbortController();
    void listen(session.fetch, location.origin, nudge, hearing.signal);
  };
  document.addEventListener('visibilitychange', follow);
  addEventListener('online', nudge);
  session.current.subscribe(follow);
}

/** The server's clock when it was last heard, for the record of a signature. */
export function lastServerTime(): string | null {
  return standing.value?.contactAt ?? null;
}

async function told(state: State): Promise<void> {
  standing.value = state;
  if (state.phase !== 'erased') return;
  world.value = emptyWorld();
  await eraseOwn();
  noteKept(session.current.value?.deviceId ?? '', null);
  await session.signOut();
}

async function show(): Promise<void> {
  const stored = await client.copy.rows.toArray().catch(() => []);
  const shown = Object.fromEntries(NAMES.map((name) => [name, new Map<string, Row>()]));
  for (const { collection, id, local } of stored) if (local) shown[collection]?.set(id, local);
  world.value = shown as unknown as World;
}
