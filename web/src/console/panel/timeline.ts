import { api, result } from '@shared/api';
import { kindName } from '../conflicts/words';
import { may } from '../data/calls';
import { engineers } from '../data/day';
import type { Visit } from '../data/shapes';
import { deedName, mediaName, stepName } from './deeds';
import { t } from './job-words';

/** One thing that happened. Facts of the field carry what the phone's clock said and when it arrived here. */
export interface Entry {
  id: string;
  at: string;
  words: string;
  detail?: string | null | undefined;
  who?: string | null | undefined;
  device_at?: string;
  received_at?: string;
  late?: boolean;
  media?: string;
}

const LIMIT = 200;
type Rows = { items?: unknown[] };
type Fact = { id: string; corrected_at: string; device_at: string; received_at: string; engineer_id: string | null };

async function rows<Item>(call: Promise<{ data?: unknown; error?: unknown; response: Response }>): Promise<Item[]> {
  return ((await result(call)) as Rows).items as Item[];
}

const nameOf = (id: string | null | undefined) => (id ? engineers.value.get(id)?.name : null);

/** Everything that happened to a job and its visits, the newest first. */
export async function timeline(job_id: string, visits: readonly Visit[]): Promise<Entry[]> {
  const query = { job_id, limit: LIMIT };
  const parts = await Promise.all([
    rows<{ id: string; created_at: string; event: string; reason: string | null }>(
      api.GET('/api/v1/job-events', { params: { query } }),
    ).then((found) =>
      found.map((one): Entry => ({ id: one.id, at: one.created_at, words: deedName(one.event), detail: one.reason })),
    ),
    rows<Fact & { body: string }>(api.GET('/api/v1/notes', { params: { query } })).then((found) =>
      found.map((one): Entry => ({ ...times(one), words: `“${one.body}”` })),
    ),
    ...visits.flatMap((visit) => ofVisit(visit.id)),
  ]);
  return parts.flat().sort((a, b) => b.at.localeCompare(a.at));
}

function ofVisit(visit_id: string): Promise<Entry[]>[] {
  const params = { query: { visit_id, limit: LIMIT } };
  const steps = rows<Fact & { event: string; to_status: string; reason: string | null; applied: boolean }>(
    api.GET('/api/v1/visit-events', { params }),
  );
  const media = rows<{ id: string; created_at: string; kind: string; caption: string | null; thumbnails: number[] }>(
    api.GET('/api/v1/media', { params }),
  );
  const parts = rows<Fact & { quantity: string; serial: string | null }>(api.GET('/api/v1/part-uses', { params }));
  const found = [
    steps.then((list) =>
      list.map((one): Entry => ({ ...times(one), words: stepName(one), detail: one.reason, late: !one.applied })),
    ),
    media.then((list) =>
      list.map((one): Entry => ({
        id: one.id, at: one.created_at, words: mediaName(one.kind), detail: one.caption,
        ...(one.thumbnails.length ? { media: one.id } : {}),
      })),
    ),
    parts.then((list) => list.map((one): Entry => ({ ...times(one), words: t('part', { quantity: one.quantity, part: one.serial ?? '' }) }))),
  ];
  if (may('conflicts.read')) {
    const conflicts = rows<{ id: string; created_at: string; kind: string; status: string }>(api.GET('/api/v1/conflicts', { params }));
    found.push(conflicts.then((list) => list.map((one) => ({ id: one.id, at: one.created_at, words: t(one.status === 'open' ? 'conflict' : 'conflictOver', { kind: kindName(one.kind) }) }))));
  }
  return found;
}

function times(fact: Fact): Pick<Entry, 'id' | 'at' | 'who' | 'device_at' | 'received_at'> {
  const { id, corrected_at, device_at, received_at, engineer_id } = fact;
  return { id, at: corrected_at, device_at, received_at, who: nameOf(engineer_id) };
}
