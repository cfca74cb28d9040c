// PouchDB's own server over a database in memory, with the routes that replication needs. Prints its port.
import express from 'express';
import PouchDB from 'pouchdb';
import memory from 'pouchdb-adapter-memory';
import serve from 'express-pouchdb';

const InMemory = PouchDB.plugin(memory).defaults({ adapter: 'memory' });
const app = express();
app.use('/', serve(InMemory, { mode: 'minimumForPouchDB', inMemoryConfig: true }));
await new InMemory('rows').info();
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
