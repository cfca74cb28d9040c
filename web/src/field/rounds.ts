import { effect } from '@preact/signals';
import { session } from '@shared/api';
import { attend, standing } from './data/client';
import { noteKept } from './data/kept';
import { sendPhotos, waitingPhotos, watchPhotos } from './photos/uploads';
import { sendPositions } from './positions';
import { keepPush } from './push';
import { queueSignOffs } from './sign/signing';
import { lookForUpdate } from './updates';

let levelAt: string | null = null;

/** Begins the day's rounds; what goes beside the sync goes when the sync has just come through. */
export async function beat(): Promise<void> {
  await queueSignOffs();
  await navigator.storage?.persist?.();
  watchPhotos();
  effect(() => {
    const { contactAt = null, unsent = 0 } = standing.value ?? {};
    const deviceId = session.current.value?.deviceId;
    if (deviceId && contactAt) noteKept(deviceId, { unsent, files: waitingPhotos.value.count });
  });
  standing.subscribe((state) => {
    if (!state?.levelAt || state.phase !== 'idle' || state.levelAt === levelAt) return;
    levelAt = state.levelAt;
    void Promise.allSettled([sendPhotos(), sendPositions(), lookForUpdate()]);
  });
  attend();
  void keepPush();
}
