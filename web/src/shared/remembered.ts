/** Small choices that this browser remembers. What its storage refuses lasts as long as the page. */
const prefix = 'callout.';
const refused = new Map<string, string>();

function read(key: string): string | null {
  const kept = refused.get(key);
  if (kept !== undefined) return kept;
  try {
    return globalThis.localStorage?.getItem(prefix + key) ?? null;
  } catch {
    return null;
  }
}

function write(key: string, value: string | null): void {
  refused.delete(key);
  try {
    if (value === null) globalThis.localStorage?.removeItem(prefix + key);
    else if (globalThis.localStorage) globalThis.localStorage.setItem(prefix + key, value);
    else refused.set(key, value);
  } catch {
    if (value !== null) refused.set(key, value); // forbidden, or full: what lies there is older
  }
}

export const remembered = {
  read,
  write,
  /** Whether anything is remembered beyond this page: storage may be switched off. */
  lasts(): boolean {
    write('probe', '1');
    const kept = !refused.has('probe');
    write('probe', null);
    return kept;
  },
  /** The remembered value if it is one of `choices`. */
  choice<Value extends string>(key: string, choices: readonly Value[]): Value | null {
    const found = read(key);
    return choices.find((choice) => choice === found) ?? null;
  },
  /** Calls `changed` when another tab has written `key`, with what is there now and what was before. Returns how to stop. */
  watch(key: string, changed: (value: string | null, before: string | null) => void): () => void {
    const heard = (event: StorageEvent) => event.key === prefix + key && changed(event.newValue, event.oldValue);
    globalThis.addEventListener?.('storage', heard);
    return () => globalThis.removeEventListener?.('storage', heard);
  },
};
