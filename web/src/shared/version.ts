import { version } from '../../package.json';

/** What this build calls itself to the server, which may ask for a newer one. */
export const APP_VERSION: string = version;
