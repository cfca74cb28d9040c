import { useEffect, useState } from 'preact/hooks';
import { api, inWords, result } from '@shared/api';
import { formatDuration } from '@shared/i18n';
import { Button } from '@shared/ui';
import { all, ifMatch, may } from '../data/calls';
import { now } from '../data/day';
import type { Row } from '../data/shapes';
import { when } from '../data/time';
import { say } from '../data/toasts';
import { Empty, Fault } from '../parts/bits';
import { t } from './words';

type Device = Row<'Device'>;

/** Every phone and browser: when it was last seen, what it has not sent, and the way to shut it out. */
export function Devices() {
  const [rows, setRows] = useState<Device[] | null>(null);
  const [people, setPeople] = useState<ReadonlyMap<string, string>>(new Map());
  const [error, setError] = useState<unknown>(null);
  const read = async () => {
    setRows(await all<Device>(async (cursor) => (await result(api.GET('/api/v1/devices', { params: { query: { limit: 200, cursor } as never } }))) as never));
    if (!may('users.read')) return;
    const users = await all<Row<'User'>>(async (cursor) => (await result(api.GET('/api/v1/users', { params: { query: { limit: 200, cursor } as never } }))) as never);
    setPeople(new Map(users.map((one) => [one.id, one.name])));
  };
  useEffect(() => void read().catch(setError), [now.value]);
  const revoke = async (device: Device) => {
    if (!confirm(t('sure', { name: device.name }))) return;
    const call = api.DELETE('/api/v1/devices/{row_id}', { params: { path: { row_id: device.id } }, headers: ifMatch(device.rev) });
    await result(call).then(read, (problem) => say('bad', inWords(problem)));
  };
  const newest = [...(rows ?? [])].sort((a, b) => b.pending_count - a.pending_count || (b.last_seen_at ?? '').localeCompare(a.last_seen_at ?? ''));
  return (
    <section class="stack tight">
      <h2>{t('devices')}</h2>
      {error ? <Fault error={error} /> : null}
      {rows && !rows.length && <Empty title={t('noDevices')}>{t('noDevicesMore')}</Empty>}
      {newest.length > 0 && (
        <table class="truths">
          <thead><tr><th>{t('device')}</th><th>{t('user')}</th><th>{t('seen')}</th><th>{t('unsent')}</th><th><span class="hidden-text">{t('revoke')}</span></th></tr></thead>
          <tbody>
            {newest.map((one) => (
              <tr key={one.id}>
                <th scope="row">{one.name} <span class="soft">{one.platform}</span></th>
                <td>{people.get(one.user_id) ?? ''}</td>
                <td>{one.last_seen_at ? when(one.last_seen_at) : t('never')}</td>
                <td class={one.pending_count ? 'warn-ink' : ''}>
                  {one.pending_count}
                  {one.pending_oldest_at && ` · ${t('oldest', { age: formatDuration((now.value - Date.parse(one.pending_oldest_at)) / 1000) })}`}
                </td>
                <td>
                  {one.revoked_at ? <span class="tag">{t(one.erased_at ? 'erased' : 'revokedTag')}</span> : may('devices.write') && <Button kind="danger" onClick={() => void revoke(one)}>{t('revoke')}</Button>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
