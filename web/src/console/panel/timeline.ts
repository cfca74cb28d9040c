import { api } from '@shared/api';
import { kindName } from '../conflicts/words';
import { may } from '../data/calls';
import type { Visit } from '../data/shapes';
import { deedName, mediaName, stepName } from './deeds';
import { type Fact, partNames, rows, times } from './facts';
import { type Change, authors, changesOf, edits, isEdited } from './history';
import { t } from './job-words';

/** One thing that happened. Facts of the field carry what the phone's clock said and when it arrived here. */
export interface Entry {
  id: string;
  at: string;
  words: string;
  detail?: string | null | undefined;
  who?: string | null | undefined;
  /** Who did it at the desk, for whoever may read the audit. */
  by?: string | null | undefined;
  device_at?: string;
  received_at?: string;
  late?: boolean;
  media?: string;
}

const LIMIT = 200;

/** Everything that happened to a job and its visits, the newest first. */
export async function timeline(job_id: string, visits: readonly Visit[]): Promise<Entry[]> {
  const query = { job_id, limit: LIMIT };
  const changes = await changesOf(job_id);
  const names = authors(changes);
  const parts = await Promise.all([
    edits(changes),
    rows<{ id: string; created_at: string; event: string; reason: string | null; user_id: string | null }>(
      api.GET('/api/v1/job-events', { params: { query } }),
    ).then((found) =>
      found.map((one): Entry => ({ id: one.id, at: one.created_at, words: deedName(one.event), detail: one.reason, by: names.get(one.user_id ?? '') })),
    ),
    rows<Fact & { body: string }>(api.GET('/api/v1/notes', { params: { query } })).then((found) =>
      found.map((one): Entry => ({ ...times(one), words: `“${one.body}”` })),
    ),
    ...visits.flatMap((visit) => ofVisit(visit.id, changes)),
  ]);
  return parts.flat().sort((a, b) => b.at.localeCompare(a.at));
}

function ofVisit(visit_id: string, changes: readonly Change[]): Promise<Entry[]>[] {
  return [steps(visit_id, changes), media(visit_id), parts(visit_id), may('reports.read') && signatures(visit_id), may('conflicts.read') && conflicts(visit_id)]
    .filter((list) => list !== false);
}

const of = (visit_id: string) => ({ query: { visit_id, limit: LIMIT } });
const BY_THE_CUSTOMER = new Set(['confirmed', 'disputed']); // of before that was noted

async function steps(visit_id: string, changes: readonly Change[]): Promise<Entry[]> {
  type Step = Fact & { event: string; to_status: string; reason: string | null; applied: boolean; user_id: string | null; data: { by?: string } };
  const list = await rows<Step>(api.GET('/api/v1/visit-events', { params: of(visit_id) }));
  const wished = (one: Step) => one.data.by === 'customer' || (BY_THE_CUSTOMER.has(one.event) && !one.user_id);
  const who = (one: Step) => (wished(one) ? t('customer') : times(one).who);
  const names = authors(changes);
  const by = (one: Step) => { const name = names.get(one.user_id ?? ''); return name === who(one) ? null : name; };
  return list
    .filter((one) => wished(one) || one.event !== 'replanned' || !isEdited(changes, visit_id, one.received_at))
    .map((one) => ({ ...times(one), who: who(one), by: by(one), words: stepName(one), detail: one.reason, late: !one.applied }));
}

async function media(visit_id: string): Promise<Entry[]> {
  type File = Fact & { kind: string; caption: string | null; thumbnails: number[] };
  const list = await rows<File>(api.GET('/api/v1/media', { params: of(visit_id) }));
  return list.map((one) => ({ ...times(one), words: mediaName(one.kind), detail: one.caption, ...(one.thumbnails.length ? { media: one.id } : {}) }));
}

async function parts(visit_id: string): Promise<Entry[]> {
  type Use = Fact & { part_id: string; quantity: string; serial: string | null };
  const list = await rows<Use>(api.GET('/api/v1/part-uses', { params: of(visit_id) }));
  const names = await partNames(list.map((one) => one.part_id));
  const words = (one: Use) => t('part', { quantity: Number(one.quantity), part: [names.get(one.part_id), one.serial].filter(Boolean).join(' · ') });
  return list.map((one) => ({ ...times(one), words: words(one) }));
}

async function signatures(visit_id: string): Promise<Entry[]> {
  type Signed = Fact & { outcome: string; reason: string | null; signer_name: string | null };
  const list = await rows<Signed>(api.GET('/api/v1/visits/{visit_id}/signatures', { params: { path: { visit_id } } }));
  return list.map((one) => ({ ...times(one), words: t(one.outcome === 'refused' ? 'refusedBy' : 'signature', { who: one.signer_name ?? '—' }), detail: one.reason }));
}

async function conflicts(visit_id: string): Promise<Entry[]> {
  type Met = { id: string; created_at: string; kind: string; status: string };
  const list = await rows<Met>(api.GET('/api/v1/conflicts', { params: of(visit_id) }));
  return list.map((one) => ({ id: one.id, at: one.created_at, words: t(one.status === 'open' ? 'conflict' : 'conflictOver', { kind: kindName(one.kind) }) }));
}
