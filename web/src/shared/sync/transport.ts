import { ProblemError, Unreachable, problemOf } from '../api/problems';
import type { Mutation, Page, Pushed, Sums, Welcome } from './types';

export type Fetch = (request: Request) => Promise<Response>;
const PATIENCE_MS = 60_000;
const COMPRESS_FROM = 1_024;

/** The five calls of the native protocol. Each raises ProblemError (refused) or Unreachable (no whole answer came). */
export class Transport {
  /** How many whole answers have come. */
  answers = 0;

  /**
   * @param fetch signs requests and renews tokens; see SessionKeeper.
   * @param origin such as `https://host`.
   * @param patience for one answer, in milliseconds.
   * @param pageRows how many rows a page may have; by default the server chooses about 64 KB.
   */
  constructor(
    private readonly fetch: Fetch,
    private readonly origin: string,
    private readonly patience = PATIENCE_MS,
    private readonly pageRows?: number,
  ) {}

  handshake(body: object): Promise<Welcome> {
    return this.call('/handshake', body);
  }

  push(deviceId: string, mutations: readonly Mutation[]): Promise<Pushed> {
    return this.call('/push', { device_id: deviceId, mutations });
  }

  pull(cursor: number | null): Promise<Page> {
    const query = new URLSearchParams();
    if (cursor !== null) query.set('cursor', String(cursor));
    if (this.pageRows) query.set('limit', String(this.pageRows));
    return this.call(`/pull?${query}`);
  }

  async checksum(cursor: number): Promise<Sums> {
    return (await this.call<{ collections: Sums }>(`/checksum?cursor=${cursor}`)).collections;
  }

  private async call<Answer>(path: string, body?: object): Promise<Answer> {
    const signal = AbortSignal.timeout(this.patience);
    const options: RequestInit = body ? { method: 'POST', ...(await packed(JSON.stringify(body))) } : {};
    try {
      const response = await this.fetch(new Request(`${this.origin}/api/v1/sync${path}`, { ...options, signal }));
      if (!response.ok) throw await problemOf(response);
      const answer = (await response.json()) as Answer;
      this.answers++;
      return answer;
    } catch (error) {
      if (error instanceof ProblemError || error instanceof Unreachable) throw error;
      throw new Unreachable('No whole answer came.', { cause: error }); // cut off, or slower than our patience
    }
  }
}

/** A JSON body, compressed where that saves something and the browser can. */
async function packed(json: string): Promise<RequestInit> {
  const headers: Record<string, string> = { 'Content-Type': 'application/json' };
  if (json.length < COMPRESS_FROM || typeof CompressionStream === 'undefined') return { body: json, headers };
  const stream = new Blob([json]).stream().pipeThrough(new CompressionStream('gzip'));
  headers['Content-Encoding'] = 'gzip';
  return { body: await new Response(stream).arrayBuffer(), headers };
}
