import { useState } from 'preact/hooks';
import { Button } from '@shared/ui';
import { takeStep } from '../acting';
import { world } from '../data/client';
import type { Visit } from '../data/rows';
import { distanceTo } from '../positions';
import { go } from '../route';
import type { Gap } from '@shared/sync';
import { missing, nextStep } from '../steps';
import { stepWord } from '../words';
import { t } from './words';

const NEAR_M = 100;

/** The next action: one button, always in the same place. While something is missing it leads there. */
export function Next({ visit }: { visit: Visit }) {
  const [busy, setBusy] = useState(false);
  const step = nextStep(visit)!;
  const gaps = missing(world.value, visit, step);

  async function take() {
    setBusy(true);
    try {
      await takeStep(world.value, visit, step.to);
    } finally {
      setBusy(false);
    }
  }

  return (
    <div class="next">
      {visit.status === 'en_route' && isThere(visit) && <span role="status">{t('arrivedThere')}</span>}
      {gaps.length ? (
        <Button kind="primary" onClick={() => lead(visit, gaps[0]!)}>
          {gapWord(gaps)}
        </Button>
      ) : (
        <Button kind="primary" busy={busy} onClick={take}>
          {stepWord(visit.status, step.to)}
        </Button>
      )}
    </div>
  );
}

function gapWord(gaps: Gap[]): string {
  const gap = gaps[0]!;
  if (gap.guard === 'checklist') return t('missingItems', { n: gaps.filter((it) => it.guard === 'checklist').length });
  if (gap.guard === 'photos') return t('missingPhotos', { n: (gap.required ?? 0) - (gap.present ?? 0) });
  return t('missingSignature');
}

function lead(visit: Visit, gap: Gap): void {
  if (gap.guard === 'signature') return go('visits', visit.id, 'sign');
  const target = document.getElementById(gap.guard === 'checklist' ? `item-${gap.item!.id}` : 'photos');
  target?.scrollIntoView({ block: 'center' });
  target?.querySelector<HTMLElement>('input, button, select, textarea')?.focus({ preventScroll: true });
}

/** Whether the phone is within the site's fence, or as near as it can know. */
function isThere(visit: Visit): boolean {
  const site = world.value.sites.get(world.value.jobs.get(visit.job_id)?.site_id ?? '');
  const away = site?.location && distanceTo(site.location);
  return Boolean(away && away.metres <= (site.geofence_m || NEAR_M) + Math.min(away.doubt, NEAR_M));
}
