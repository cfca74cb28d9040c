import Dexie, { type EntityTable, type Table } from 'dexie';
import type { Sealed } from '../sign/envelope';

/** A photo that was taken here, or a voice note. The original is kept until the server has given its receipt, the preview longer. */
export interface Photo {
  id: string;
  visit_id: string;
  /** `photo` (also where an older version of the app left it out) or `audio`. */
  kind?: string;
  sha256: string;
  size: number;
  type: string;
  name: string;
  captured_at: string;
  original: Blob | null;
  preview: Blob;
  /** Where the upload goes on, once the server knows of it. */
  address: string | null;
  /** Bytes that the server is known to have. */
  sent: number;
}
/** A sign-off that was made here; `queued` once the sync has it too. */
export interface OwnSignOff extends Sealed {
  seq: number;
  queued: 0 | 1;
}
/** When a step of a visit was taken on this phone. */
export interface OwnStep {
  visit_id: string;
  to: string;
  at: string;
}

/** What this phone keeps beside the synced rows: bytes, keys, and what it did itself. One for each device and person. */
export class Own extends Dexie {
  declare photos: EntityTable<Photo, 'id'>;
  declare signoffs: EntityTable<OwnSignOff, 'id'>;
  declare steps: Table<OwnStep, [string, string]>;
  declare kept: Table<unknown, string>;

  constructor(deviceId: string) {
    super(`callout-own-${deviceId}`);
    this.version(1).stores({ photos: 'id, visit_id', signoffs: 'id, &seq, queued', steps: '[visit_id+to], visit_id', kept: '' });
  }
}

let open: Own | undefined;

/** The database of the person who uses this phone. */
export function own(): Own {
  if (!open) throw new Error('Nobody uses this phone yet.');
  return open;
}

/** Opens the database of `deviceId`. */
export async function openOwn(deviceId: string): Promise<void> {
  open = new Own(deviceId);
  await open.open();
}

/** Deletes everything in it: the device was revoked, or its person asked for it. */
export async function eraseOwn(): Promise<void> {
  await open?.delete();
  open = undefined;
}
