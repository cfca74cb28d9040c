/** The rows that a phone holds, as the sync delivers them: only what the screens read of each. */
export interface Row {
  id: string;
  /** Null until the server has answered. */
  rev: number | null;
}
export interface Point {
  type: 'Point';
  coordinates: [number, number];
}
export type Label = string | Record<string, string>;

export interface Visit extends Row {
  job_id: string;
  engineer_id: string | null;
  status: string;
  window_start: string | null;
  window_end: string | null;
  planned_start: string | null;
  planned_end: string | null;
  sequence: number | null;
  instructions: string | null;
  follow_up_of: string | null;
  cancel_reason: string | null;
  abort_asked_at: string | null;
  abort_reason: string | null;
  /** While dispatched: until when it waits for an answer before somebody else is asked. */
  offer_expires_at: string | null;
}
export interface Job extends Row {
  number: string;
  job_type_id: string;
  account_id: string | null;
  site_id: string;
  asset_id: string | null;
  contact_id: string | null;
  priority: number;
  summary: string;
  description: string | null;
  due_at: string | null;
}
export interface Site extends Row {
  account_id: string | null;
  name: string;
  address: string | null;
  access_notes: string | null;
  location: Point | null;
  geofence_m: number;
  timezone: string | null;
}
export interface Account extends Row {
  name: string;
}
export interface Contact extends Row {
  name: string;
  phone: string | null;
}
export interface Asset extends Row {
  site_id: string;
  name: string;
  model: string | null;
  serial: string | null;
}
export interface JobType extends Row {
  name: string;
  requires_signature: boolean;
  required_photos: number;
}
export type ItemKind = 'bool' | 'number' | 'text' | 'choice' | 'photo';
export interface ChecklistItem extends Row {
  visit_id: string;
  position: number;
  key: string | null;
  label: Label;
  kind: ItemKind;
  required: boolean;
  at_status: string;
  options: string[];
}
export type AnswerValue = boolean | number | string | string[];
export interface ChecklistAnswer extends Row, Fact {
  visit_id: string;
  item_id: string;
  value: AnswerValue;
  comment: string | null;
}
/** Facts made on this phone have no `corrected_at` until the server has answered. */
interface Fact {
  device_at?: string;
  corrected_at?: string | null;
}
export interface TimeEntry extends Row, Fact {
  visit_id: string;
  kind: string;
  started_at: string;
  ended_at: string | null;
}
export interface PartUse extends Row, Fact {
  visit_id: string;
  part_id: string;
  quantity: string;
}
export interface Note extends Row, Fact {
  job_id: string;
  visit_id: string | null;
  body: string;
  internal: boolean;
}
export interface Media extends Row, Fact {
  visit_id: string | null;
  item_id: string | null;
  kind: string;
  state: string;
  caption: string | null;
  sha256: string | null;
  size: number | null;
  captured_at: string | null;
}
export interface Signature extends Row {
  visit_id: string;
  device_id: string;
  seq: number;
  state: string;
  /** Only in what this phone has not sent yet. */
  envelope?: string;
  outcome: 'signed' | 'refused';
  signer_name: string;
  envelope_sha256: string;
  content_diverged: boolean;
}
export interface Part extends Row {
  number: string;
  name: string;
  unit: string;
  price_amount: string | null;
  price_currency: string | null;
}
export interface VanStock extends Row {
  part_id: string;
  quantity: string;
}
export interface Engineer extends Row {
  name: string;
  user_id: string | null;
}
export interface Conflict extends Row {
  collection: string;
  row_id: string;
  kind: string;
  visit_id: string | null;
  job_id: string | null;
  mine: Record<string, unknown> | null;
  theirs: Record<string, unknown> | null;
  status: 'open' | 'resolved';
  resolution: string | null;
}

export interface Collections {
  visits: Visit;
  jobs: Job;
  sites: Site;
  accounts: Account;
  contacts: Contact;
  assets: Asset;
  job_types: JobType;
  checklist_items: ChecklistItem;
  checklist_answers: ChecklistAnswer;
  time_entries: TimeEntry;
  part_uses: PartUse;
  notes: Note;
  media: Media;
  signatures: Signature;
  parts: Part;
  van_stock: VanStock;
  engineers: Engineer;
  conflicts: Conflict;
}
export type Name = keyof Collections;

/** Everything that this phone holds, by collection and id. */
export type World = { [Each in Name]: ReadonlyMap<string, Collections[Each]> };

export const NAMES = [
  'visits', 'jobs', 'sites', 'accounts', 'contacts', 'assets', 'job_types', 'checklist_items', 'checklist_answers',
  'time_entries', 'part_uses', 'notes', 'media', 'signatures', 'parts', 'van_stock', 'engineers', 'conflicts',
] as const satisfies readonly Name[];

/** A world in which nothing is known yet. */
export function emptyWorld(): World {
  return Object.fromEntries(NAMES.map((name) => [name, new Map()])) as unknown as World;
}

/** The rows of one collection that `chosen` accepts. */
export function all<Each extends Name>(world: World, name: Each, chosen: (row: Collections[Each]) => boolean) {
  return [...world[name].values()].filter(chosen) as Collections[Each][];
}
