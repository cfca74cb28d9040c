import canonicalize from 'canonicalize';

/** A value as canonical JSON (RFC 8785): the same bytes wherever it is written. */
export function canonical(value: unknown): string {
  return canonicalize(value)!;
}

/** The SHA-256 of text or bytes as lower-case hex. */
export async function sha256(content: string | Blob | BufferSource): Promise<string> {
  const bytes =
    typeof content === 'string' ? new TextEncoder().encode(content)
    : content instanceof Blob ? await content.arrayBuffer()
    : content;
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
