// RxDB, unchanged, with its replication and the handlers of its documentation on HTTP. Used by phone.mjs.
import { createRxDatabase } from 'rxdb/plugins/core';
import { replicateRxCollection } from 'rxdb/plugins/replication';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';

const BATCH = 200;

export class Rxdb {
  constructor({ file, tables }, request) {
    this.request = request;
    this.tables = Object.keys(tables);
    this.opening = this.open(file, tables);
  }

  async open(name, tables) {
    this.database = await createRxDatabase({ name, storage: getRxStorageMemory(), multiInstance: false });
    const schema = (table) => ({
      version: 0,
      primaryKey: 'id',
      type: 'object',
      properties: {
        id: { type: 'string', maxLength: 100 },
        ...Object.fromEntries(Object.keys(table).map((column) => [column, {}])),
      },
    });
    await this.database.addCollections(
      Object.fromEntries(Object.entries(tables).map(([table, of]) => [table, { schema: schema(of) }])),
    );
  }

  async sync() {
    await this.opening;
    for (const name of this.tables) await this.replicate(name);
    return 1;
  }

  async replicate(name) {
    const failures = [];
    const replication = replicateRxCollection({
      collection: this.database[name],
      replicationIdentifier: `callout-${name}`,
      live: false,
      retryTime: 20,
      pull: {
        batchSize: BATCH,
        handler: (checkpoint, limit) => {
          const { id, lwt } = checkpoint ?? { id: '', lwt: 0 };
          return this.request('GET', `/rxdb/${name}/0/pull?${new URLSearchParams({ id, lwt, limit })}`);
        },
      },
      push: { batchSize: BATCH, handler: (rows) => this.request('POST', `/rxdb/${name}/0/push`, rows) },
    });
    replication.error$.subscribe((error) => failures.push(String(error.parameters?.errors?.[0]?.message ?? error)));
    await replication.awaitInitialReplication();
    await replication.cancel();
    const unknown = failures.filter((failure) => !failure.includes('the line broke'));
    if (unknown.length) throw new Error(unknown[0]);
  }

  async write(name, id, values) {
    await this.opening;
    const there = await this.database[name].findOne(id).exec();
    if (there) await there.incrementalPatch(values);
    else await this.database[name].insert({ id, ...values });
  }

  async remove(name, id) {
    await (await this.database[name].findOne(id).exec()).remove();
  }

  async rows(name) {
    await this.opening;
    return (await this.database[name].find().exec()).map((document) => document.toJSON());
  }

  async close() {
    await this.database.close();
  }
}
