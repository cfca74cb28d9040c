import { beforeEach, expect, test, vi } from 'vitest';

vi.hoisted(() => vi.stubGlobal('location', { origin: 'http://server', pathname: '/', search: '' }));
const { once } = await import('../../src/console/data/once');

type Row = { rev: number } & Record<string, unknown>;
const problem = (status: number, pointer: string) =>
  new Response(JSON.stringify({ type: '/problems/refused', title: 'Refused', status, detail: 'No.', errors: [{ pointer, detail: 'No.' }] }), {
    status, headers: { 'Content-Type': 'application/problem+json' },
  });

/** A server of one list: an id that is there already is refused, a change needs the revision. */
class Server {
  rows = new Map<string, Row>();
  asked: string[] = [];
  /** What becomes of the answers to come, one after the other: lost on the way back, or a refusal. */
  faults: ('lost' | Response)[] = [];

  fetch = async (request: Request): Promise<Response> => {
    this.asked.push(request.method);
    const fault = this.faults.shift();
    if (fault instanceof Response) return fault;
    const answer = await this.take(request);
    if (fault === 'lost') throw new TypeError('the line broke');
    return answer;
  };

  private async take(request: Request): Promise<Response> {
    const id = new URL(request.url).pathname.split('/')[4];
    const row = this.rows.get(id ?? '');
    if (request.method === 'POST') return this.make(await request.json());
    if (!row) return problem(404, '/');
    if (request.method === 'GET') return Response.json(row);
    if (request.headers.get('If-Match') !== `"${row.rev}"`) return problem(412, '/');
    Object.assign(row, await request.json(), { rev: row.rev + 1 });
    return Response.json(row);
  }

  private make(body: { id: string }): Response {
    if (this.rows.has(body.id)) return problem(409, '/id');
    this.rows.set(body.id, { ...body, rev: 1 });
    return Response.json(body, { status: 201 });
  }
}

let server: Server;
beforeEach(() => {
  server = new Server();
  vi.stubGlobal('fetch', server.fetch);
});

test('a row is written with what counts for a new one alone', async () => {
  await once('jobs', 'a', { summary: 'Cold' }, { source: 'phone' });
  expect([...server.rows.values()]).toEqual([{ id: 'a', summary: 'Cold', source: 'phone', rev: 1 }]);
  expect(server.asked).toEqual(['POST']);
});

test('after a lost answer pressing again makes no second row and takes what was written since', async () => {
  server.faults = ['lost'];
  await expect(once('accounts', 'a', { name: 'Lin' })).rejects.toThrow('cannot be reached');
  await once('accounts', 'a', { name: 'Lin & Sons' }, { source: 'phone' });
  expect([...server.rows.values()]).toEqual([{ id: 'a', name: 'Lin & Sons', rev: 2 }]);
});

test('what the server does not want for another reason is told, and nothing is overwritten', async () => {
  await once('accounts', 'a', { name: 'Lin' });
  for (const refusal of [problem(422, '/name'), problem(409, '/code')]) {
    server.faults = [refusal];
    await expect(once('accounts', 'a', { name: '' })).rejects.toThrow('No.');
  }
  expect(server.rows.get('a')).toEqual({ id: 'a', name: 'Lin', rev: 1 });
});
