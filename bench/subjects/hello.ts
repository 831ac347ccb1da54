// A bare `node:http` server that says hello: the minimum that any server on this machine spends on a request.
import { createServer } from 'node:http';

const BODY = 'hello';
// As long as the server keeps its connections, so that none is closed between two rounds.
const KEEP_ALIVE = 65_000;

createServer({ keepAliveTimeout: KEEP_ALIVE }, (_, outgoing) => {
  outgoing.writeHead(200, { 'content-type': 'text/plain', 'content-length': BODY.length });
  outgoing.end(BODY);
}).listen(Number(process.env['PORT']), '127.0.0.1');
