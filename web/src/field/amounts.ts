/** How much is meant by what was written, in thousandths at the finest, as the ledger counts; null when it is no amount. */
export function amount(written: string): number | null {
  const words = written.trim().replace(',', '.');
  const value = Number(words);
  return /^\d{1,6}(\.\d{1,3})?$/.test(words) && value > 0 ? value : null;
}
