import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, Socket } from 'node:net';
import { describe, it } from 'node:test';
import { createConnections } from './connections.ts';

const MOST = 8;

/** A server whose connections come from the addresses that a test names; each of them is busy. */
function createCrowd() {
  const connections = createConnections(MOST);
  const server = createServer();
  const refused: Socket[] = [];
  connections.watch(server, (socket) => refused.push(socket));
  let port = 0;
  return {
    refused,
    count: connections.count,
    connect: (address: string): Socket => {
      port += 1;
      const socket = new Socket();
      Object.defineProperties(socket, { remoteAddress: { value: address }, remotePort: { value: port } });
      server.emit('connection', socket);
      connections.use(socket, new ServerResponse(new IncomingMessage(socket)));
      return socket;
    },
  };
}

describe('the limit on busy connections', () => {
  it('A63 closes a connection of the client with more than a quarter of them for a client with less', () => {
    const { connect, refused, count } = createCrowd();
    const crowd = Array.from({ length: MOST }, () => connect('192.0.2.1'));
    const ada = connect('192.0.2.2');
    const ben = connect('2001:db8::1');
    assert.deepEqual([refused, count()], [[], MOST]);
    assert.deepEqual(
      crowd.map(({ destroyed }) => destroyed),
      crowd.map((_, number) => number < 2),
      'the oldest ones',
    );
    assert.deepEqual([ada.destroyed, ben.destroyed], [false, false]);
  });

  it('A63 closes no connection for a client that has a quarter, whichever address of its network it uses', () => {
    const { connect, refused } = createCrowd();
    for (let number = 0; number < MOST; number += 1) connect('192.0.2.1');
    const addresses = ['2001:db8::1', '2001:db8::2', '2001:db8::3'];
    const sockets = addresses.map(connect);
    assert.deepEqual(refused, sockets.slice(2));
  });

  it('A55 closes no connection while no client has more than a quarter, or while all come from one proxy', () => {
    const spread = createCrowd();
    for (let number = 0; number < MOST; number += 1) spread.connect(`192.0.2.${number % 4}`);
    const newConnection = spread.connect('192.0.2.9');
    assert.deepEqual(spread.refused, [newConnection]);
    const proxied = createCrowd();
    for (let number = 0; number < MOST; number += 1) proxied.connect('10.0.0.1');
    assert.deepEqual(proxied.refused, []);
    assert.equal(proxied.connect('10.0.0.1'), proxied.refused[0]);
  });
});
