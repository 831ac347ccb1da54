/** A port for a server of a test, found as for the servers that tests are provided with. */
export { freePort } from '../../scripts/provide/free-port.ts';
