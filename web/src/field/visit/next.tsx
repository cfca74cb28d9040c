import { useState } from 'preact/hooks';
import { Button } from '@shared/ui';
import { takeStep } from '../acting';
import { world } from '../data/client';
import type { Visit } from '../data/rows';
import { offeredUntil } from '../offers';
import type { Distance } from '../positions';
import { go } from '../route';
import type { Gap } from '@shared/sync';
import { missing, nextStep, otherSteps } from '../steps';
import { stepWord } from '../words';
import { AllTheSame, Proposal, hintOf } from './fence';
import { Reason } from './other';
import { t } from './words';

/** The next action: one button, always in the same place. While something is missing it leads there. */
export function Next({ visit }: { visit: Visit }) {
  const [busy, setBusy] = useState(false);
  const step = nextStep(visit)!;
  const gaps = missing(world.value, visit, step);
  const [far, setFar] = useState<Distance | null>(null);

  const { says, away } = hintOf(visit);

  function press() {
    return step.to === 'on_site' && says === 'elsewhere' ? setFar(away) : take();
  }

  async function take(reason?: string) {
    setFar(null);
    setBusy(true);
    try {
      await takeStep(world.value, visit, step.to, reason);
    } finally {
      setBusy(false);
    }
  }

  return (
    <div class="next">
      <Proposal visit={visit} />
      {gaps.length ? (
        <Button kind="primary" onClick={() => lead(visit, gaps[0]!)}>
          {gapWord(gaps)}
        </Button>
      ) : (
        <Button kind="primary" busy={busy} onClick={press}>
          {stepWord(visit.status, step.to)}
        </Button>
      )}
      {says === 'left' && <Rest visit={visit} />}
      {far && <AllTheSame away={far} onTake={take} onClose={() => setFar(null)} />}
      {offeredUntil(visit) && <Decline visit={visit} />}
    </div>
  );
}

/** Whoever seems to have left may be on a break. */
function Rest({ visit }: { visit: Visit }) {
  const step = otherSteps(visit).find(({ to }) => to === 'paused');
  if (!step) return null;
  return (
    <Button class="beside" onClick={() => takeStep(world.value, visit, step.to)}>{stepWord(visit.status, step.to)}</Button>
  );
}

function Decline({ visit }: { visit: Visit }) {
  const [asked, setAsked] = useState(false);
  const step = otherSteps(visit).find(({ to }) => to === 'rejected');
  if (!step) return null;
  return (
    <>
      <Button class="beside" onClick={() => setAsked(true)}>{stepWord(visit.status, step.to)}</Button>
      {asked && <Reason visit={visit} step={step} onClose={() => setAsked(false)} />}
    </>
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
