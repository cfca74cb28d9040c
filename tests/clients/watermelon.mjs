// WatermelonDB, unchanged, with one of its two adapters for Node. Used by phone.mjs.
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);
const { Database, Model, appSchema, tableSchema, Q } = load('@nozbe/watermelondb');
const { schemaMigrations, createTable, addColumns } = load('@nozbe/watermelondb/Schema/migrations');
const { hasUnsyncedChanges, synchronize } = load('@nozbe/watermelondb/sync');
const { LokiMemoryAdapter } = load('lokijs');
load('@nozbe/watermelondb/utils/common').logger.silence();

const columns = (table) => Object.entries(table).map(([name, type]) => ({ name, type, isOptional: true }));

export class Watermelon {
  /** `tables`: {name: {column: type}}. With `storage` of an older phone it is that phone after an update. */
  constructor({ adapter, file, tables, version = 1, migration }, request, older) {
    this.request = request;
    this.collections = Object.keys(tables).join(',');
    this.storage = older?.storage ?? new LokiMemoryAdapter();
    this.version = version;
    const schema = appSchema({
      version,
      tables: Object.entries(tables).map(([name, table]) => tableSchema({ name, columns: columns(table) })),
    });
    const migrations = schemaMigrations({ migrations: migration ? [steps(version, migration)] : [] });
    const options = { schema, migrations, onSetUpError: (error) => { throw error; } };
    const modelClasses = Object.keys(tables).map((name) => class extends Model { static table = name; });
    this.database = new Database({ adapter: adapted(adapter, file, options, this.storage), modelClasses });
  }

  async sync() {
    let pages = 0;
    for (let more = true; more; pages++) {
      await synchronize({
        database: this.database,
        sendCreatedAsUpdated: true,
        migrationsEnabledAtVersion: 1,
        pullChanges: async ({ lastPulledAt, schemaVersion, migration }) => {
          const unsent = await hasUnsyncedChanges({ database: this.database });
          const schema = { schema_version: schemaVersion, migration: JSON.stringify(migration) };
          const asked = { last_pulled_at: lastPulledAt, unsent, collections: this.collections, ...schema };
          const page = await this.request('GET', `/watermelon?${new URLSearchParams(asked)}`);
          more = page.more;
          return page;
        },
        pushChanges: ({ changes, lastPulledAt }) =>
          this.request('POST', `/watermelon?last_pulled_at=${lastPulledAt}`, { changes }),
      });
    }
    return pages;
  }

  async write(name, id, values) {
    const table = this.database.get(name);
    const fill = (record) => Object.entries(values).forEach(([column, value]) => record._setRaw(column, value));
    await this.database.write(async () => {
      const [there] = await table.query(Q.where('id', id)).fetch();
      if (there) return there.update(fill);
      return table.create((record) => { record._raw.id = id; fill(record); });
    });
  }

  async remove(name, id) {
    const record = await this.database.get(name).find(id);
    await this.database.write(() => record.markAsDeleted());
  }

  async rows(name) {
    const records = await this.database.get(name).query().fetch();
    return records.map(({ _raw }) => ({ ..._raw, dirty: _raw._status !== 'synced' }));
  }

  /** LokiJS writes what it holds some time later, or when it is closed. */
  close() {
    this.database.adapter.underlyingAdapter._driver?.loki?.close();
  }
}

function steps(toVersion, { tables = {}, columns: added = {} }) {
  return {
    toVersion,
    steps: [
      ...Object.entries(tables).map(([name, table]) => createTable({ name, columns: columns(table) })),
      ...Object.entries(added).map(([table, more]) => addColumns({ table, columns: columns(more) })),
    ],
  };
}

function adapted(kind, file, options, storage) {
  if (kind === 'sqlite') return new (load('@nozbe/watermelondb/adapters/sqlite').default)({ ...options, dbName: file });
  const Loki = load('@nozbe/watermelondb/adapters/lokijs').default;
  const plain = { useWebWorker: false, useIncrementalIndexedDB: false, _testLokiAdapter: storage };
  return new Loki({ ...options, ...plain, dbName: file });
}
