import { Notice } from '@shared/ui';
import { world } from '../data/client';
import type { Visit } from '../data/rows';
import { address } from '../route';
import { jobTypeOf, signatureOf } from '../steps';
import { t } from './words';

/** Who signed, or the way to signing. */
export function Signed({ visit }: { visit: Visit }) {
  const signature = signatureOf(world.value, visit);
  if (!signature && !jobTypeOf(world.value, visit)?.requires_signature) return null;
  return (
    <section class="card stack">
      <h2>{t('sign')}</h2>
      {signature && (
        <p>{t(signature.outcome === 'refused' ? 'refusedBy' : 'signedBy', { name: signature.signer_name })}</p>
      )}
      {signature?.content_diverged && <Notice kind="warn">{t('diverged')}</Notice>}
      <a class="button" href={address('visits', visit.id, 'sign')}>
        {t(signature ? 'signAgain' : 'missingSignature')}
      </a>
    </section>
  );
}
