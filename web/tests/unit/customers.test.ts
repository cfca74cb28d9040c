import { expect, test } from 'vitest';
import { unanswered } from '../../src/console/data/unanswered';

const deed = (id: string, job_id: string, event: string, created_at: string) => ({ id, job_id, event, reason: null, created_at });

test('a customer waits while the last word is theirs', () => {
  const trail = [
    deed('5', 'a', 'customer_wrote', '2026-03-02T10:05:00Z'),
    deed('4', 'b', 'office_wrote', '2026-03-02T10:04:00Z'),
    deed('3', 'a', 'office_wrote', '2026-03-02T10:03:00Z'),
    deed('2', 'b', 'customer_wrote', '2026-03-02T10:02:00Z'),
    deed('1', 'a', 'customer_wrote', '2026-03-02T10:01:00Z'),
  ];
  expect(unanswered(trail).map((one) => one.id)).toEqual(['5']);
  expect(unanswered([])).toEqual([]);
});
