import { beforeAll, describe, expect, test } from 'vitest';
import { newId } from '@shared/ids';
import { IllegalStep, type Row, SyncClient, listen } from '@shared/sync';
import { summed } from '@shared/sync/checksum';
import { Desk, ORIGIN, control, dispatched, note, phone, phoneInStep } from './world';

let desk: Desk;
beforeAll(async () => {
  desk = await Desk.open();
});

const bodies = (rows: Row[]) => rows.map(({ body }) => body);

describe('the first meeting', () => {
  test('brings the day, proves it, and the next one costs next to nothing', async () => {
    const { client, line } = await phone('engineer1');
    const state = await client.sync();
    expect(state).toMatchObject({ phase: 'idle', unsent: 0, oldestAt: null, troubles: 0 });
    expect(state.readyAt).not.toBeNull();
    expect(Math.abs(state.clockOffset!)).toBeLessThan(60_000);
    const visits = await client.rows('visits');
    expect(visits.filter(({ status }) => status === 'dispatched').length).toBeGreaterThanOrEqual(4);
    const visit = visits[0]!;
    const job = await client.row('jobs', String(visit.job_id));
    expect(await client.row('sites', String(job!.site_id))).not.toBeNull();
    expect((await client.children('visits', 'job_id', job!.id)).map(({ id }) => id)).toContain(visit.id);
    line.paths.length = 0;
    await client.sync();
    expect(line.paths).toHaveLength(1);
    expect(line.paths[0]).toMatch(/^\/pull\?cursor=\d+$/);
  });

  test('goes on after each page from where the line broke', async () => {
    const { client, line } = await phone('engineer1', { pageRows: 40 });
    let meetings = 0;
    for (let state = await client.state(); state.phase !== 'idle'; state = await client.sync()) {
      line.before = () => {
        const pulled = line.count('/pull');
        line.dead = pulled > 0 && pulled % 2 === 1 && line.paths.at(-1)!.includes('/pull');
      };
      expect(++meetings).toBeLessThan(60);
      if (meetings > 1) expect((await client.copy.known()).cursor).not.toBeNull();
    }
    expect(meetings).toBeGreaterThan(2);
    expect(line.paths.filter((path) => path === '/pull?limit=40')).toHaveLength(1);
    expect((await client.state()).readyAt).not.toBeNull();
  });
});

describe('work without a network', () => {
  test('arrives once, in its order, though answers are lost', async () => {
    const { client, line } = await phoneInStep('engineer2');
    const visit = await dispatched(client);
    line.dead = true;
    for (const to of ['accepted', 'en_route', 'on_site']) await client.transition(visit.id, to);
    await client.change(note(visit, 'first'), note(visit, 'second'));
    expect(await client.row('visits', visit.id)).toMatchObject({ status: 'on_site' });
    await expect(client.transition(visit.id, 'accepted')).rejects.toBeInstanceOf(IllegalStep);
    expect(await client.sync()).toMatchObject({ phase: 'offline', unsent: 5 });
    expect((await desk.visit(visit.id)).status).toBe('dispatched');

    line.dead = false;
    line.deaf = 2;
    line.deafTo = '/push';
    for (const lost of ['first', 'second']) expect(await client.sync(), lost).toMatchObject({ phase: 'offline', unsent: 5 });
    expect(await client.sync()).toMatchObject({ phase: 'idle', unsent: 0, troubles: 0 });
    expect((await desk.visit(visit.id)).status).toBe('on_site');
    expect(bodies(await desk.notes(visit.job_id)).filter((body) => body === 'first')).toHaveLength(1);
    const { items } = await desk.call('GET', `/visit-events?visit_id=${visit.id}&limit=200`);
    const steps = items.map(({ event }: { event: string }) => event);
    for (const event of ['accepted', 'en_route', 'on_site']) expect(steps.filter((each: string) => each === event)).toHaveLength(1);
  });

  test('survives the app being closed', async () => {
    const { client, line, options } = await phoneInStep('engineer2');
    const visit = (await client.rows('visits'))[0]!;
    line.dead = true;
    await client.change(note(visit, 'before closing'));
    await client.close();
    const reopened = await SyncClient.open(options);
    expect(await reopened.state()).toMatchObject({ unsent: 1 });
    line.dead = false;
    expect(await reopened.sync()).toMatchObject({ phase: 'idle', unsent: 0 });
    expect(bodies(await desk.notes(String(visit.job_id)))).toContain('before closing');
  });

  test('tells honestly what waits, here and at the desk', async () => {
    let time = Date.now() - 41 * 60_000;
    const { client, line, options } = await phoneInStep('engineer3', { now: () => new Date(time) });
    const visit = (await client.rows('visits'))[0]!;
    await client.change(note(visit, 'a'), note(visit, 'b'), note(visit, 'c'));
    time += 41 * 60_000;
    line.before = (path) => {
      line.dead = path.startsWith('/push');
    };
    const state = await client.sync();
    expect(state.unsent).toBe(3);
    expect(Math.round((time - Date.parse(state.oldestAt!)) / 60_000)).toBe(41);
    const seen = async () => (await desk.call('GET', '/sync/status')).devices.find(({ id }: { id: string }) => id === options.deviceId);
    const told = await seen();
    expect([told.pending_count, Date.parse(told.pending_oldest_at)]).toEqual([3, Date.parse(state.oldestAt!)]);
    line.before = null;
    line.dead = false;
    await client.sync();
    expect(await seen()).toMatchObject({ pending_count: 0, pending_oldest_at: null });
  });

  test('under a clock that is a day ahead is dated rightly', async () => {
    const ahead = 24 * 3_600_000;
    const { client } = await phoneInStep('engineer3', { now: () => new Date(Date.now() + ahead) });
    expect(Math.abs((await client.state()).clockOffset! + ahead)).toBeLessThan(60_000);
    expect(Math.abs((await client.serverNow()).getTime() - Date.now())).toBeLessThan(60_000);
    const visit = (await client.rows('visits'))[0]!;
    const made = note(visit, 'from tomorrow');
    await client.change(made);
    await client.sync();
    const arrived = (await client.row('notes', made.rowId))!;
    expect(Math.abs(Date.parse(String(arrived.corrected_at)) - Date.now())).toBeLessThan(60_000);
    expect(Date.parse(String(arrived.device_at)) - Date.now()).toBeGreaterThan(ahead / 2);
  });
});

describe('two truths', () => {
  test('about different fields become one, about the same field a conflict that keeps both', async () => {
    const { client, line } = await phoneInStep('engineer4');
    const job = (await client.row('jobs', (await dispatched(client)).job_id))!;
    const edit = (data: object) => client.change({ collection: 'jobs', rowId: job.id, type: 'update', data: { ...data } });
    line.dead = true;
    await edit({ description: 'what the engineer saw' });
    await desk.patch(`/jobs/${job.id}`, { summary: 'what the office calls it' });
    line.dead = false;
    expect(await client.sync()).toMatchObject({ troubles: 0 });
    expect(await client.row('jobs', job.id)).toMatchObject({ description: 'what the engineer saw', summary: 'what the office calls it' });

    line.dead = true;
    await edit({ description: 'mine' });
    await desk.patch(`/jobs/${job.id}`, { description: 'theirs' });
    line.dead = false;
    expect(await client.sync()).toMatchObject({ phase: 'idle', unsent: 0, troubles: 1 });
    expect(await client.row('jobs', job.id)).toMatchObject({ description: 'theirs' });
    const [trouble] = await client.troubles();
    expect(trouble).toMatchObject({ status: 'conflict', mutation: { data: { description: 'mine' } } });
    expect(await client.row('conflicts', trouble!.conflictId!)).toMatchObject({ kind: 'field', status: 'open' });
    await client.dismiss(trouble!.id);
    expect(await client.state()).toMatchObject({ troubles: 0 });
  });

  test('are none when somebody edits twice, though the first answer is lost', async () => {
    const { client, line } = await phoneInStep('engineer4');
    const job = (await client.row('jobs', (await dispatched(client)).job_id))!;
    const edit = (description: string) => client.change({ collection: 'jobs', rowId: job.id, type: 'update', data: { description } });
    line.deaf = 1;
    line.deafTo = '/push';
    await edit('one');
    await client.sync();
    await edit('two');
    expect(await client.sync()).toMatchObject({ phase: 'idle', unsent: 0, troubles: 0 });
    expect((await desk.call('GET', `/jobs/${job.id}`)).description).toBe('two');
  });

  test('reassigned while offline: the work is recorded, the visit leaves, both sides see why', async () => {
    const { client, line } = await phoneInStep('engineer5');
    const visit = await dispatched(client);
    line.dead = true;
    await client.transition(visit.id, 'accepted');
    await client.change(note(visit, 'I was there'));
    await desk.reassign(visit.id, await desk.engineerId('engineer6'));
    line.dead = false;
    const state = await client.sync();
    expect(state).toMatchObject({ phase: 'idle', unsent: 0 });
    expect(await client.row('visits', visit.id)).toBeNull();
    expect(state.troubles).toBeGreaterThan(0);
    expect((await desk.conflicts(visit.id)).length).toBeGreaterThan(0);
    expect(state.readyAt).not.toBeNull();
  });

  test('what was done between the announcement of a leave and the leave itself goes out first', async () => {
    const { client, line } = await phoneInStep('engineer7');
    const visit = await dispatched(client);
    await desk.reassign(visit.id, await desk.engineerId('engineer6'));
    const data = { description: 'written at the last moment' };
    const announced = async () => (await client.copy.rows.get(['visits', visit.id]))?.leaving === 1;
    const order: string[] = [];
    line.before = async (path) => {
      if (!order.includes('write') && (await announced())) {
        order.push('write');
        await client.change({ collection: 'jobs', rowId: visit.job_id, type: 'update', data });
      }
      if (path.startsWith('/push') && order.includes('write')) order.push('push');
      if ((await client.copy.rows.get(['visits', visit.id])) === undefined) order.push('gone');
    };
    expect(await client.sync()).toMatchObject({ phase: 'idle' });
    expect(await client.sync()).toMatchObject({ phase: 'idle', unsent: 0 });
    expect(await client.row('visits', visit.id)).toBeNull();
    expect(order[0]).toBe('write');
    const kept = (await desk.call('GET', `/jobs/${visit.job_id}`)).description === data.description;
    expect(kept || (await desk.conflicts(visit.job_id)).length > 0).toBe(true);
  });
});

describe('bad luck', () => {
  test('one poisoned change stops none of its neighbours', async () => {
    const { client } = await phoneInStep('engineer8');
    const visit = (await client.rows('visits'))[0]!;
    const poison = { ...note(visit, 'x'), data: { visit_id: 'no id', body: 7 } };
    const huge = note(visit, 'y'.repeat(9_000_000));
    await client.change(note(visit, 'before'), poison, huge, note(visit, 'after'));
    expect(await client.sync()).toMatchObject({ phase: 'idle', unsent: 0 });
    const arrived = bodies(await desk.notes(String(visit.job_id)));
    expect(arrived).toEqual(expect.arrayContaining(['before', 'after']));
    const kept = (await client.troubles()).map(({ mutation }) => String(mutation.data.body).length);
    expect(kept).toEqual(expect.arrayContaining([1, 9_000_000]));
  });

  test('a change that this device has lost does not hold up the others for ever', async () => {
    const { client } = await phoneInStep('engineer8');
    const visit = (await client.rows('visits'))[0]!;
    await client.change(note(visit, 'lost by the storage'));
    await client.copy.queue.clear();
    await client.change(note(visit, 'behind the gap'));
    expect(await client.sync()).toMatchObject({ phase: 'idle', unsent: 0, held: 0 });
    expect(bodies(await desk.notes(String(visit.job_id)))).toContain('behind the gap');
  });

  test('a device whose storage was lost goes on behind its old numbers', async () => {
    const { client, options } = await phoneInStep('engineer9');
    const visit = (await client.rows('visits'))[0]!;
    await client.change(note(visit, 'before the loss'));
    await client.sync();
    await client.copy.delete();
    const anew = await SyncClient.open(options);
    await anew.change(note(visit, 'after the loss'));
    expect(await anew.sync()).toMatchObject({ phase: 'idle', unsent: 0, troubles: 0 });
    expect(bodies(await desk.notes(String(visit.job_id)))).toEqual(expect.arrayContaining(['before the loss', 'after the loss']));
  });

  test('a copy that is not the server’s is found by its checksum and made anew', async () => {
    const { client } = await phoneInStep('engineer9');
    const visit = (await client.rows('visits'))[0]!;
    await client.copy.rows.delete(['visits', visit.id]);
    await client.copy.note({ readyAt: null });
    expect((await client.sync()).readyAt).not.toBeNull();
    expect(await client.row('visits', visit.id)).not.toBeNull();
  });
});

describe('time passes', () => {
  test('a queue of the old app is taken by the new one', async () => {
    const { client, options } = await phoneInStep('engineer10');
    const visit = (await client.rows('visits'))[0]!;
    const old = { ...note(visit, ''), data: { visit_id: visit.id, job_id: visit.job_id, text: 'queued by the old app' } };
    await client.change(old);
    await client.close();
    const upgraded = await SyncClient.open({
      ...options,
      schema: 2,
      upgrade: ({ data: { text, ...data }, ...mutation }, from) => ({ ...mutation, data: { ...data, body: `${text} (${from})` } }),
    });
    expect(await upgraded.sync()).toMatchObject({ phase: 'idle', unsent: 0, troubles: 0 });
    expect(bodies(await desk.notes(String(visit.job_id)))).toContain('queued by the old app (1)');
  });

  test('an app that is too old still hands over what it has', async () => {
    const { client } = await phone('engineer10', { appVersion: '0.9.0' });
    expect((await client.sync()).phase).toBe('too_old');
    await client.change({ collection: 'notes', rowId: newId(), type: 'create', data: { body: 'nowhere' } });
    expect(await client.sync()).toMatchObject({ phase: 'too_old', unsent: 0 });
  });

  test('a poke brings what the office changes', async () => {
    const { client, line } = await phoneInStep('engineer11');
    await control('drain');
    const visit = await dispatched(client);
    const end = new AbortController();
    let poked = () => {};
    const poke = () => new Promise<void>((resolve) => (poked = resolve));
    const beginning = poke(); // the stream begins with where the feed stands
    void listen(line.fetch, ORIGIN, () => poked(), end.signal);
    await beginning;
    const change = poke();
    const summary = `urgent ${newId()}`;
    await desk.patch(`/jobs/${visit.job_id}`, { summary });
    await change;
    end.abort();
    await client.sync();
    expect(await client.row('jobs', visit.job_id)).toMatchObject({ summary });
  });

  test('a lost phone hands over its work, and forgets everything', async () => {
    const { client, line, options } = await phoneInStep('engineer12');
    const visit = (await client.rows('visits'))[0]!;
    const last = note(visit, 'signed before it was lost');
    await client.change(last);
    await (await Desk.open('admin')).call('DELETE', `/devices/${options.deviceId}`);
    line.deaf = 2;
    line.deafTo = '/push';
    expect(await client.sync()).toMatchObject({ phase: 'offline', unsent: 1 });
    expect(await client.sync()).toMatchObject({ phase: 'erased', unsent: 1 });
    expect(await client.rows('visits')).toEqual([]);
    expect(await client.sync()).toMatchObject({ phase: 'erased', unsent: 0 });
    expect(await indexedDB.databases().then((all) => all.map(({ name }) => name))).not.toContain(client.copy.name);
    expect((await desk.conflicts(last.rowId)).map(({ kind }) => kind)).toEqual(['revoked']);
    expect(await client.sync()).toMatchObject({ phase: 'erased' });
  });

  test('a server restored from an older backup gets again what it has forgotten', async () => {
    const { client } = await phoneInStep('engineer1');
    const visit = (await client.rows('visits'))[0]!;
    const first = note(visit, 'in the backup');
    await client.change(first);
    await client.sync();
    await control('backup');
    const second = note(visit, 'after the backup');
    await client.change(second);
    await client.sync();
    await control('restore');
    const third = note(visit, 'after the restore');
    await client.change(third);
    while ((await client.sync()).phase !== 'idle');
    expect(await client.state()).toMatchObject({ unsent: 0, held: 0, troubles: 0 });
    const arrived = (await (await Desk.open()).notes(String(visit.job_id))).map(({ id }) => id);
    for (const { rowId } of [first, second, third]) expect(arrived.filter((id) => id === rowId)).toHaveLength(1);
    expect((await client.state()).readyAt).not.toBeNull();
    expect((await summed(client.copy)).sums.visits!.count).toBe((await client.rows('visits')).length);
  }, 600_000); // the server starts twice
});
