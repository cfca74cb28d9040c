import { type Stroke, rounded } from '@shared/strokes';
import { canonical, sha256 } from './canonical';

export interface Claim {
  id: string;
  sha256: string;
  bytes: number;
}
/** What a device knows of its own earlier sign-offs: the number of the last, and the hash of its envelope. */
export interface Link {
  seq: number;
  sha256: string | null;
}
export interface SignOff {
  visit: { id: string; rev: number | null };
  deviceId: string;
  /** The report as it was shown, as canonical JSON. */
  document: string;
  photos: Claim[];
  signer: { name: string; role: string };
  consent: string;
  /** Strokes, or why the customer refused to sign. */
  given: { strokes: Stroke[] } | { refusal: string };
  after: Link;
  /** The last time that the server told, if any. */
  serverTime: string | null;
}
/** The data of a `signatures` mutation, with what the next sign-off must follow. */
export interface Sealed {
  id: string;
  data: { visit_id: string; envelope: string; document: string; strokes: Stroke[] | null };
  link: { seq: number; sha256: string };
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const HEADER = { typ: 'callout-signoff+jws', alg: 'ES256' };

/** A fresh key pair whose private half no script can read, this one included. */
export async function newKey(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
}

/** The public half as the handshake registers it. */
export async function publicJwk(key: CryptoKeyPair) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', key.publicKey);
  return { kty, crv, x, y };
}

/** A sign-off in its envelope: compact JWS (ES256) over canonical JSON; nothing in it can change unnoticed. */
export async function seal(id: string, made: SignOff, key: CryptoKeyPair): Promise<Sealed> {
  const strokes = 'strokes' in made.given ? rounded(made.given.strokes) : null;
  const claims = {
    schema: 'callout.signoff/1',
    signoff_id: id,
    visit_id: made.visit.id,
    visit_rev: made.visit.rev,
    device_id: made.deviceId,
    seq: made.after.seq + 1,
    prev: made.after.sha256,
    outcome: strokes ? 'signed' : 'refused',
    ...('refusal' in made.given ? { reason: made.given.refusal } : {}),
    doc_sha256: await sha256(made.document),
    strokes_sha256: strokes ? await sha256(canonical(strokes)) : null,
    photos: made.photos,
    signer: made.signer,
    consent: { text: made.consent, sha256: await sha256(made.consent) },
    method: 'on_engineer_device',
    clock: { wall: new Date().toISOString(), monotonic_ms: Math.round(performance.now()), server: made.serverTime },
  };
  const envelope = await jws(canonical(claims), key);
  return {
    id,
    data: { visit_id: made.visit.id, envelope, document: made.document, strokes },
    link: { seq: claims.seq, sha256: await sha256(envelope) },
  };
}

async function jws(payload: string, key: CryptoKeyPair): Promise<string> {
  const signed = `${base64url(JSON.stringify(HEADER))}.${base64url(payload)}`;
  const how = { name: 'ECDSA', hash: 'SHA-256' };
  const signature = await crypto.subtle.sign(how, key.privateKey, new TextEncoder().encode(signed));
  return `${signed}.${base64url(new Uint8Array(signature))}`;
}

function base64url(content: string | Uint8Array): string {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** What an envelope says, unchecked: for showing what this phone itself has sealed. */
export function claimsOf(envelope: string): { outcome: 'signed' | 'refused'; signer: { name: string } } {
  const payload = envelope.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/');
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(payload), (char) => char.charCodeAt(0))));
}
