import { newId } from '@shared/ids';
import { mutate } from '../data/client';
import { own } from '../data/own';
import type { Signature } from '../data/rows';
import { type Link, type SignOff, seal } from './envelope';
import { signingKey } from './key';

/** Seals a sign-off and queues it. It is kept here first: a phone that dies in between queues it when it wakes. */
export async function signOff(made: Omit<SignOff, 'after'>, signatures: Iterable<Signature>): Promise<void> {
  const key = await signingKey();
  await exclusively(async () => {
    const sealed = await seal(newId(), { ...made, after: await last(made.deviceId, signatures) }, key);
    await own().signoffs.add({ ...sealed, seq: sealed.link.seq, queued: 0 });
  });
  await queueSignOffs();
}

/** Hands the sync what it does not have yet. */
export async function queueSignOffs(): Promise<void> {
  for (const made of await own().signoffs.where({ queued: 0 }).sortBy('seq')) {
    await mutate({ collection: 'signatures', rowId: made.id, type: 'create', data: { ...made.data } });
    await own().signoffs.update(made.id, { queued: 1 });
  }
}

/** The last sign-off of this device: by its own account, or by the server's when the phone's storage was lost. */
async function last(deviceId: string, signatures: Iterable<Signature>): Promise<Link> {
  const mine = (await own().signoffs.orderBy('seq').last())?.link;
  const known = [...signatures].filter((it) => it.device_id === deviceId).sort((a, b) => a.seq - b.seq).at(-1);
  if (mine && mine.seq >= (known?.seq ?? 0)) return mine;
  return known ? { seq: known.seq, sha256: known.envelope_sha256 } : { seq: 0, sha256: null };
}

/** Two tabs never give one number twice. */
async function exclusively<Value>(work: () => Promise<Value>): Promise<Value> {
  return (await navigator.locks.request('callout.signoff', work)) as Value;
}
