export { SyncClient, type Options } from './client';
export { type Evidence, type Gap, gaps } from './guards';
export { Scheduler } from './scheduler';
export { listen } from './stream';
export type { Change, Mutation, Row, State, Trouble } from './types';
export { IllegalStep, STEPS, type Step, step, steps } from './visit-table';
