import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { dictionary, formatNumber } from '@shared/i18n';
import { Button } from '@shared/ui';

const t = dictionary(
  { shown: '{shown} of {n} are shown.', more: { one: 'Show one more', other: 'Show {n} more' } },
  { shown: '已显示 {shown} / {n}。', more: '再显示 {n} 个' },
);

/**
 * A long list, `step` of it at a time, because thousands of rows are slow to draw. What stands at its end says how many
 * there are and brings the next ones, when it is pressed or scrolled to. Another `key` begins anew.
 */
export function useMore<Row>(rows: readonly Row[], step: number, key = ''): { shown: readonly Row[]; more: ComponentChildren } {
  const [seen, setSeen] = useState({ key, count: step });
  const count = seen.key === key ? seen.count : step;
  const next = () => setSeen({ key, count: count + step });
  const left = rows.length - count;
  return { shown: rows.slice(0, count), more: left > 0 ? <More shown={count} left={left} step={step} onNext={next} /> : null };
}

type Props = { shown: number; left: number; step: number; onNext: () => void };

function More({ shown, left, step, onNext }: Props) {
  const box = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    const seen = new IntersectionObserver(([entry]) => entry?.isIntersecting && onNext());
    seen.observe(box.current!);
    return () => seen.disconnect();
  }, [shown, left]);
  return (
    <p class="more soft" ref={box}>
      {t('shown', { shown: formatNumber(shown), n: formatNumber(shown + left) })} <Button onClick={onNext}>{t('more', { n: Math.min(step, left) })}</Button>
    </p>
  );
}
