/** Small choices that this browser remembers. Where storage is refused, they last as long as the page. */
const prefix = 'callout.';
const session = new Map<string, string>();

function read(key: string): string | null {
  try {
    return globalThis.localStorage?.getItem(prefix + key) ?? session.get(key) ?? null;
  } catch {
    return session.get(key) ?? null;
  }
}

function write(key: string, value: string | null): void {
  if (value === null) session.delete(key);
  else session.set(key, value);
  try {
    if (value === null) globalThis.localStorage?.removeItem(prefix + key);
    else globalThis.localStorage?.setItem(prefix + key, value);
  } catch {
    // Refused or full: the page's own memory holds it.
  }
}

export const remembered = {
  read,
  write,
  /** The remembered value if it is one of `choices`. */
  choice<Value extends string>(key: string, choices: readonly Value[]): Value | null {
    const found = read(key);
    return choices.find((choice) => choice === found) ?? null;
  },
  /** Calls `changed` when another tab has written `key`. Returns how to stop. */
  watch(key: string, changed: (value: string | null) => void): () => void {
    const heard = (event: StorageEvent) => event.key === prefix + key && changed(event.newValue);
    globalThis.addEventListener?.('storage', heard);
    return () => globalThis.removeEventListener?.('storage', heard);
  },
};
