import { useState } from 'preact/hooks';
import { Button } from '@shared/ui';
import { takeStep } from '../acting';
import { world } from '../data/client';
import type { Visit } from '../data/rows';
import { useDeed } from '@shared/deed';
import { offeredUntil } from '../offers';
import { Sheet } from '../sheet';
import { otherSteps } from '../steps';
import { stepWord } from '../words';
import { t } from './words';

type Step = ReturnType<typeof otherSteps>[number];
const USUAL = {
  rejected: ['otherSkill', 'tooFar', 'ill'],
  cannot_complete: ['noAccess', 'partMissing', 'otherSkill', 'unsafe'],
} as const;

/** The ways beside the way: decline, pause, give up. An offer is declined where it is accepted. */
export function Other({ visit }: { visit: Visit }) {
  const [asked, setAsked] = useState<Step | null>(null);
  const ways = otherSteps(visit).filter(({ to }) => to !== 'rejected' || !offeredUntil(visit));
  return (
    <section class="stack tight" aria-label={t('more_')}>
      {ways.map((step) => (
        <Button key={step.to} onClick={() => (step.reason ? setAsked(step) : takeStep(world.value, visit, step.to))}>
          {stepWord(visit.status, step.to)}
        </Button>
      ))}
      {asked && <Reason visit={visit} step={asked} onClose={() => setAsked(null)} />}
    </section>
  );
}

/** Asks why, and takes the step with the answer. */
export function Reason({ visit, step, onClose }: { visit: Visit; step: Step; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const [busy, once] = useDeed();
  const usual = USUAL[step.to as keyof typeof USUAL] ?? [];

  async function send(event: Event) {
    event.preventDefault();
    if (reason.trim()) await once(() => takeStep(world.value, visit, step.to, reason.trim()).then(onClose));
  }

  return (
    <Sheet title={stepWord(visit.status, step.to)} onClose={onClose}>
      <form class="stack" onSubmit={send}>
        <strong id="why">{t(step.to === 'rejected' ? 'whyReject' : 'whyCannot')}</strong>
        <div class="choices" role="group" aria-label={t('reasons')}>
          {usual.map((each) => (
            <Button key={each} aria-pressed={reason === t(each)} onClick={() => setReason(t(each))}>{t(each)}</Button>
          ))}
        </div>
        <textarea aria-labelledby="why" rows={2} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
        {step.to === 'cannot_complete' && <p>{t('followUp')}</p>}
        <Button kind="primary" type="submit" busy={busy} disabled={!reason.trim()}>{t('confirm')}</Button>
      </form>
    </Sheet>
  );
}
