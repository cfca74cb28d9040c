// A house of phones: reads one order a line from stdin, answers each with a line `{"answer"}` or `{"error"}`.
import { createInterface } from 'node:readline';

const phones = new Map();
const KINDS = { sqlite: 'watermelon', loki: 'watermelon', rxdb: 'rxdb' };

/** The way to the server, with faults to come: `cut` requests that never leave, `deaf` whose answer is lost. */
class Line {
  faults = [];
  suffered = 0;

  constructor({ url, token }) {
    this.request = async (method, path, body) => {
      const fault = this.faults[0]?.method === method ? this.faults.shift() : null;
      if (fault) this.suffered++;
      if (fault?.kind === 'cut') throw new Error('the line broke');
      const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
      const answer = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) });
      const text = await answer.text();
      if (fault) throw new Error('the line broke');
      if (!answer.ok) throw new Error(`${answer.status} ${text}`);
      return JSON.parse(text);
    };
  }
}

const orders = {
  async open({ phone, ...how }) {
    const line = new Line(how);
    const { Watermelon, Rxdb } = await import(`./${KINDS[how.adapter]}.mjs`);
    const older = phones.get(phone)?.client;
    await older?.close();
    phones.set(phone, { line, client: new (Watermelon ?? Rxdb)(how, line.request, older) });
  },

  /** As an app does: again after each broken line, until a round came through. Returns the faults it met. */
  async sync({ phone, faults = [] }) {
    const { client, line } = phones.get(phone);
    Object.assign(line, { faults, suffered: 0 });
    for (let tries = faults.length + 1; ; tries--) {
      try {
        await client.sync();
        return line.suffered;
      } catch (error) {
        if (!tries || !String(error.message).includes('the line broke')) throw error;
      }
    }
  },

  async close({ phone }) {
    await phones.get(phone)?.client.close();
    phones.delete(phone);
  },

  write: ({ phone, table, id, values }) => phones.get(phone).client.write(table, id, values),
  remove: ({ phone, table, id }) => phones.get(phone).client.remove(table, id),
  rows: ({ phone, table }) => phones.get(phone).client.rows(table),
};

for await (const said of createInterface({ input: process.stdin })) {
  const { order, ...how } = JSON.parse(said);
  try {
    console.log(JSON.stringify({ answer: (await orders[order](how)) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error?.stack ?? error) }));
  }
}
process.exit(0);
