import { useEffect, useRef, useState } from 'preact/hooks';
import { formatNumber } from '@shared/i18n';
import { Button } from '@shared/ui';
import { world } from '../data/client';
import type { Visit } from '../data/rows';
import { type Hint, hint } from '../fence';
import { type Distance, distanceTo } from '../positions';
import { Sheet } from '../sheet';
import { t } from './words';

const BUZZ = [60, 80, 60];

/** What the phone's own position suggests here, and how far it is. */
export function hintOf(visit: Visit): { says: Hint; away: Distance | null } {
  const site = world.value.sites.get(world.value.jobs.get(visit.job_id)?.site_id ?? '');
  const away = site?.location ? distanceTo(site.location) : null;
  return { says: hint(visit.status, away, site?.geofence_m ?? 0), away };
}

/** A hint in words above the next action; the phone shakes once when a proposal appears. */
export function Proposal({ visit }: { visit: Visit }) {
  const { says, away } = hintOf(visit);
  const last = useRef<Hint>(null);
  useEffect(() => {
    if (says && says !== 'elsewhere' && says !== last.current) navigator.vibrate?.(BUZZ);
    last.current = says;
  }, [says]);
  if (!says || !away) return null;
  const words = { arrived: 'arrivedThere', left: 'leftThere', elsewhere: 'farFromThere' } as const;
  return <span role="status" data-hint={says}>{t(words[says], { far: far(away) })}</span>;
}

const USUAL = ['pinWrong', 'parkedFar', 'gpsWrong'] as const;

/** Whoever is there although the phone says otherwise tells how that comes; the step is taken with the words. */
export function AllTheSame({ away, onTake, onClose }: { away: Distance; onTake: (reason: string) => void; onClose: () => void }) {
  const [reason, setReason] = useState('');
  return (
    <Sheet title={t('farTitle')} onClose={onClose}>
      <form class="stack" onSubmit={(event) => (event.preventDefault(), reason.trim() && onTake(reason.trim()))}>
        <strong id="how">{t('farFromThere', { far: far(away) })} {t('howCome')}</strong>
        <div class="choices" role="group" aria-label={t('reasons')}>
          {USUAL.map((each) => (
            <Button key={each} aria-pressed={reason === t(each)} onClick={() => setReason(t(each))}>{t(each)}</Button>
          ))}
        </div>
        <textarea aria-labelledby="how" rows={2} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
        <Button kind="primary" type="submit" disabled={!reason.trim()}>{t('hereAllTheSame')}</Button>
      </form>
    </Sheet>
  );
}

function far({ metres }: Distance): string {
  const kilometres = metres >= 1_000;
  return formatNumber(kilometres ? metres / 1_000 : Math.round(metres / 10) * 10, {
    style: 'unit', unit: kilometres ? 'kilometer' : 'meter', unitDisplay: 'short', maximumFractionDigits: 1,
  });
}
