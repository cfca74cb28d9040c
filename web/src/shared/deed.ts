import { useRef, useState } from 'preact/hooks';

type Deed = () => Promise<unknown>;

/** One deed at a time: what a finger that taps twice asks for meanwhile is not done again. */
export function useDeed(): [boolean, (deed: Deed) => Promise<void>] {
  const running = useRef(false);
  const [busy, setBusy] = useState(false);

  async function run(deed: Deed) {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    try {
      await deed();
    } finally {
      running.current = false;
      setBusy(false);
    }
  }
  return [busy, run];
}
