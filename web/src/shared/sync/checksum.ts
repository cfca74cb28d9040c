import type { Copy } from './database';
import type { Sums } from './types';

/**
 * Where the copy stands, and per collection the count and the hex SHA-256 of `id:rev` lines, sorted by id, over the
 * server's side of it.
 */
export async function summed(copy: Copy): Promise<{ cursor: number | null; sums: Sums }> {
  const lines = new Map<string, string[]>();
  const { cursor } = await copy.transaction('r', copy.tables, async () => {
    await copy.rows.orderBy('[collection+id]').each(({ collection, server }) => {
      if (!server) return;
      const known = lines.get(collection) ?? [];
      known.push(`${server.id}:${server.rev}\n`);
      lines.set(collection, known);
    });
    return copy.known();
  });
  const entries = [...lines].map(async ([name, rows]) => [name, { count: rows.length, hash: await sha256(rows.join('')) }] as const);
  return { cursor, sums: Object.fromEntries(await Promise.all(entries)) };
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The collections in which this copy is not what the server says it must be. */
export function differences(mine: Sums, theirs: Sums): string[] {
  return Object.keys(theirs).filter((name) => {
    const here = mine[name] ?? { count: 0, hash: '' };
    return here.count !== theirs[name]!.count || (here.count > 0 && here.hash !== theirs[name]!.hash);
  });
}
