import { own } from '../data/own';
import { newKey } from './envelope';

const KEY = 'signing-key';

/** The key of this phone, made when it is first asked for. */
export async function signingKey(): Promise<CryptoKeyPair> {
  const known = (await own().kept.get(KEY)) as CryptoKeyPair | undefined;
  if (known) return known;
  const made = await newKey();
  return own().transaction('rw', own().kept, async () => {
    const other = (await own().kept.get(KEY)) as CryptoKeyPair | undefined; // another tab was quicker
    if (!other) await own().kept.put(made, KEY);
    return other ?? made;
  });
}
