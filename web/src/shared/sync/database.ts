import Dexie, { type Table } from 'dexie';
import type { Mutation, Queued, Stored, Trouble } from './types';

/** What is known about the copy as a whole. Written in the transaction of what it speaks about. */
export interface Facts {
  /** The number of the last mutation made here. */
  seq: number;
  cursor: number | null;
  /** Counts replacements; `replacing` while one is on its way. */
  epoch: number;
  replacing: boolean;
  schema: number;
  collections: Record<string, number>;
  clockOffset: number | null;
  contactAt: string | null;
  levelAt: string | null;
  readyAt: string | null;
  /** The server has revoked this device: nothing is shown any more, what is unsent goes out, then all is deleted. */
  erasing: boolean;
}

export const NOTHING_KNOWN: Facts = {
  seq: 0, cursor: null, epoch: 0, replacing: false, schema: 0, collections: {}, clockOffset: null, contactAt: null,
  levelAt: null, readyAt: null, erasing: false,
};

/** The copy of one device: rows, the queue, what was sent lately, troubles, facts. */
export class Copy extends Dexie {
  rows!: Table<Stored, [string, string]>;
  queue!: Table<Queued, number>;
  /** Acknowledged mutations, kept for a while: a server restored from a backup asks for them again. */
  sent!: Table<Mutation, number>;
  troubles!: Table<Trouble, string>;
  private facts!: Table<{ key: string; facts: Facts }, string>;

  constructor(name: string) {
    super(name);
    this.version(1).stores({
      rows: '[collection+id], collection, epoch, *links',
      queue: 'seq, [collection+row_id], held',
      sent: 'seq, device_at',
      troubles: 'id, at',
      facts: 'key',
    });
  }

  async known(): Promise<Facts> {
    return { ...NOTHING_KNOWN, ...(await this.facts.get('copy'))?.facts };
  }

  /** Call within a transaction when the new facts depend on the old ones. */
  async note(changes: Partial<Facts>): Promise<Facts> {
    const facts = { ...(await this.known()), ...changes };
    await this.facts.put({ key: 'copy', facts });
    return facts;
  }

  /** Runs `work` alone on everything; all of it is kept, or nothing. */
  atomically<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.transaction('rw', this.tables, work);
  }
}
