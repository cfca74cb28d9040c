// RxDB's own server over a database in memory, with one replicated collection. Prints its port.
import { createServer } from 'node:http';
import { createRxDatabase } from 'rxdb/plugins/core';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { RxServerAdapterExpress } from 'rxdb-server/plugins/adapter-express';
import { createRxServer } from 'rxdb-server/plugins/server';

const free = createServer().listen(0, '127.0.0.1');
await new Promise((done) => free.once('listening', done));
const { port } = free.address();
await new Promise((done) => free.close(done));

const database = await createRxDatabase({ name: 'bench', storage: getRxStorageMemory() });
const schema = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: { id: { type: 'string', maxLength: 40 }, collection: { type: 'string' }, row: { type: 'object' } },
  required: ['id', 'collection', 'row'],
};
const { rows } = await database.addCollections({ rows: { schema } });
const server = await createRxServer({ database, adapter: RxServerAdapterExpress, hostname: '127.0.0.1', port });
server.addReplicationEndpoint({ name: 'rows', collection: rows });
await server.start();
console.log(port);
