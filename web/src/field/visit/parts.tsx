import { useState } from 'preact/hooks';
import { Button, Notice } from '@shared/ui';
import { inTheVan, takePart } from '../acting';
import { amount } from '../amounts';
import { world } from '../data/client';
import { type Part, type Visit, all } from '../data/rows';
import { useDeed } from '@shared/deed';
import { Sheet } from '../sheet';
import { plain } from '../report';
import { Scanner, canScan } from './scanner';
import { t } from './words';

const MOST = 30;
const PIECE = 'pc';

/** What was used, and what the van offers. */
export function Parts({ visit }: { visit: Visit }) {
  const [adding, setAdding] = useState(false);
  const used = all(world.value, 'part_uses', (it) => it.visit_id === visit.id);
  return (
    <section class="card stack">
      <h2>{t('parts')}</h2>
      {used.length > 0 && (
        <ul class="plain">
          {used.map((it) => (
            <li key={it.id} class="row">
              <strong>{plain(String(it.quantity))} ×</strong> {world.value.parts.get(it.part_id)?.name}
            </li>
          ))}
        </ul>
      )}
      <Button onClick={() => setAdding(true)}>{t('addPart')}</Button>
      {adding && <Adding visit={visit} onDone={() => setAdding(false)} />}
    </section>
  );
}

function Adding({ visit, onDone }: { visit: Visit; onDone: () => void }) {
  const [words, setWords] = useState('');
  const [chosen, setChosen] = useState<Part | null>(null);
  const [scanning, setScanning] = useState(false);
  const found = offered(words);

  function scanned(code: string) {
    setScanning(false);
    setWords(code);
    setChosen([...world.value.parts.values()].find((part) => part.number === code) ?? null);
  }

  return (
    <Sheet title={t('addPart')} onClose={onDone}>
      {chosen ? (
        <Amount visit={visit} part={chosen} onDone={onDone} />
      ) : (
        <>
          <div class="row">
            <input class="grow" type="search" aria-label={t('findPart')} placeholder={t('findPart')}
              value={words} onInput={(event) => setWords(event.currentTarget.value)} />
            {canScan() && <Button onClick={() => setScanning(!scanning)}>{t('scan')}</Button>}
          </div>
          {scanning && <Scanner onFound={scanned} />}
          {words.trim() && !found.length && <Notice>{t('noPart', { words })}</Notice>}
          <ul class="plain choices-long">
            {found.map((part) => (
              <li key={part.id}>
                <Button onClick={() => setChosen(part)}>
                  <span class="grow">{part.name}</span>
                  <span class="soft">{t('inVan', { n: inTheVan(world.value, part.id) })}</span>
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
    </Sheet>
  );
}

/** The van's parts first, then the catalogue; words find by name and number. */
function offered(words: string): Part[] {
  const wanted = words.trim().toLowerCase();
  const fits = (part: Part) => !wanted || `${part.name} ${part.number}`.toLowerCase().includes(wanted);
  const parts = all(world.value, 'parts', fits).map((part) => ({ part, here: inTheVan(world.value, part.id) > 0 }));
  parts.sort((a, b) => Number(b.here) - Number(a.here) || a.part.name.localeCompare(b.part.name));
  return parts.slice(0, MOST).map(({ part }) => part);
}

function Amount({ visit, part, onDone }: { visit: Visit; part: Part; onDone: () => void }) {
  const [written, setWritten] = useState('1');
  const [busy, once] = useDeed();
  const quantity = amount(written);
  const take = () => once(() => takePart(visit, part.id, String(quantity)).then(onDone));
  const step = (by: number) => setWritten(String(Math.round(((quantity ?? 0) + by) * 1_000) / 1_000));
  return (
    <div class="stack">
      <strong>{part.name}</strong>
      {inTheVan(world.value, part.id) < (quantity ?? 0) && <p class="warned">{t('notInVan')}</p>}
      <div class="row stepper" role="group" aria-label={t('quantity')}>
        <Button aria-label={t('less')} disabled={!quantity || quantity <= 1} onClick={() => step(-1)}>−</Button>
        <input inputMode="decimal" aria-label={`${t('quantity')}, ${part.unit}`} aria-invalid={quantity === null || undefined}
          value={written} onFocus={(event) => event.currentTarget.select()} onInput={(event) => setWritten(event.currentTarget.value)} />
        {part.unit !== PIECE && <span class="soft">{part.unit}</span>}
        <Button aria-label={t('more')} onClick={() => step(1)}>+</Button>
      </div>
      <Button kind="primary" busy={busy} disabled={quantity === null} onClick={take}>{t('take')}</Button>
    </div>
  );
}
