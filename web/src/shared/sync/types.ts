/** The words of the native protocol (docs/sync.md), and what the phone keeps of them. Moments are RFC 3339 text. */

export type Row = Record<string, unknown> & { id: string; rev: number | null };
export type Values = Record<string, unknown>;
export type Kind = 'create' | 'update' | 'delete' | 'transition';

/** One change as it goes over the wire. `device_at` is what this device's clock said. */
export interface Mutation {
  id: string;
  seq: number;
  collection: string;
  row_id: string;
  type: Kind;
  base_rev?: number | null;
  data: Values;
  device_at: string;
}

/** A mutation that waits to be sent. `attempted`: the server may have it already, so it does not change any more. */
export interface Queued extends Mutation {
  attempted: 0 | 1;
  held: 0 | 1;
}

/** What somebody wants to change; the queue adds the rest. */
export interface Change {
  collection: string;
  rowId: string;
  type: Kind;
  data: Values;
}

export interface Outcome {
  id: string;
  seq: number;
  status: 'applied' | 'merged' | 'conflict' | 'rejected' | 'duplicate' | 'held';
  replayed?: boolean;
  rev?: number;
  row?: Row;
  conflict_id?: string;
  problem?: Values;
}

export interface Pushed {
  results: Outcome[];
  acked_seq: number;
  expected_seq?: number;
}

export interface Page {
  mode: 'delta' | 'replacement';
  changes: Record<string, { upserts: Row[]; removed: string[]; leaving: string[] }>;
  cursor: number;
  more: boolean;
  server_time: string;
}

export interface Welcome {
  server_time: string;
  clock_offset_ms: number;
  collections: Record<string, number>;
  min_app_version: string;
  erase: boolean;
}

export type Sums = Record<string, { count: number; hash: string }>;

/** A row of this device. `server`: as the server last said; `local`: with this device's unsent changes on top. */
export interface Stored {
  collection: string;
  id: string;
  server: Row | null;
  local: Row | null;
  /** The replacement in which the server last named it; rows of older ones go when a replacement is through. */
  epoch: number;
  /** 1 when the server has announced that it goes: what is unsent about it has to go out now. */
  leaving: 0 | 1;
  /** `collection.field=value` for each reference to another row, so that children are found by their parent. */
  links: string[];
}

/** What came of a mutation that was not simply applied; kept to be shown, with what was wanted. */
export interface Trouble {
  id: string;
  at: string;
  status: 'conflict' | 'rejected';
  mutation: Mutation;
  conflictId: string | null;
  problem: Values | null;
}

/** Where this device stands. `phase` is what it does now, or why it does nothing. */
export interface State {
  phase: 'new' | 'idle' | 'syncing' | 'offline' | 'signed_out' | 'too_old' | 'failed' | 'erased';
  unsent: number;
  /** When the oldest unsent change was made, by this device's clock; null when nothing waits. */
  oldestAt: string | null;
  /** The server holds this many of them until an earlier one arrives. */
  held: number;
  /** The last answer of the server, and the last time that this device was level with it. */
  contactAt: string | null;
  levelAt: string | null;
  /** When it was last proved by checksum that everything is here; null while that is not so. */
  readyAt: string | null;
  /** Changes that the server kept as a conflict or rejected, and that nobody has dismissed here. */
  troubles: number;
  /** Server minus device, milliseconds. */
  clockOffset: number | null;
  /** Epoch ms of the next attempt by itself; null when none is due. */
  nextAttempt: number | null;
  problem: string | null;
}
