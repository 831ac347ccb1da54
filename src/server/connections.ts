import type { ServerResponse } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import type { Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { clientNetwork } from '../platform/rate-limit/client-network.ts';

/** While all connections are busy, one client keeps no more than one of so many parts of them from others. */
const SHARES = 4;

/** All connections of one process, whichever server they came to. */
export type Connections = {
  /** Counts what connects to a server from now on; `refuse` turns away what finds no room. */
  readonly watch: (server: Server, refuse: (socket: Socket) => void) => void;
  /**
   * Tells that a request of HTTP/1.1 has begun; its connection is busy until the answer is sent.
   * @returns false for a connection that was turned away: nothing may be done for it
   */
  readonly use: (socket: Socket, answer: ServerResponse) => boolean;
  /** Closes those on which nothing was ever asked, and tells sessions of HTTP/2 to begin nothing more (GOAWAY). */
  readonly finish: () => void;
  readonly closeAll: () => void;
  readonly count: () => number;
};

/**
 * Keeps so many connections, at most. Whoever comes then takes the place of the one that has been idle for longest;
 * so what a crowd of silent connections holds is never kept from somebody who has something to ask (A55). Only
 * where all are busy is the newcomer turned away, unless one client has more than its share of them: that one gives a
 * place to a client that has less (A63). Behind a proxy all are the proxy's, and nothing is taken.
 * The order is found out when room is needed, so that keeping it costs no request anything.
 */
export function createConnections(most: number): Connections {
  const table: Table = {
    byName: new Map(),
    bySocket: new WeakMap(),
    byClient: new Map(),
    uses: 0,
    queue: [],
  };
  const share = Math.ceil(most / SHARES);
  // One for all answers, as this is asked for at every request.
  function closeAnswer(this: ServerResponse): void {
    const connection = table.bySocket.get(this.req.socket);
    if (connection !== undefined) connection.underWay -= 1;
  }
  return {
    watch: (server, refuse) => {
      server.on('connection', (socket: Socket) => {
        if (table.byName.size >= most && !makeRoom(table) && !takeFromLargest(table, clientOf(socket), share))
          refuse(socket);
        else admit(table, socket);
      });
      // Of a TLS server: the same connection goes on under another object, and with HTTP/2 under a third.
      server.on('secureConnection', (socket: TLSSocket) => encrypt(table, socket));
      server.on('session', (session: ServerHttp2Session) => openSession(table, session));
    },
    use: (socket, answer) => {
      const connection = table.bySocket.get(socket);
      if (connection === undefined) return false;
      countUse(table, connection);
      connection.wasAsked = true;
      connection.underWay += 1;
      answer.on('close', closeAnswer);
      return true;
    },
    finish: () => {
      for (const connection of table.byName.values()) {
        if (connection.session !== null) connection.session.close();
        else if (isUnused(connection)) connection.socket.destroy();
      }
    },
    closeAll: () => {
      for (const { socket } of table.byName.values()) socket.destroy();
    },
    count: () => table.byName.size,
  };
}

type Connection = {
  readonly name: string;
  readonly client: string;
  socket: Socket;
  /** When it was opened or used last, counted in uses of all. */
  lastUse: number;
  wasAsked: boolean;
  /** What was read before anything could be asked: the client's part in agreeing on keys. */
  handshakeBytes: number;
  session: ServerHttp2Session | null;
  /** How many requests have no whole answer yet. */
  underWay: number;
};

type Table = {
  readonly byName: Map<string, Connection>;
  readonly bySocket: WeakMap<Socket, Connection>;
  /** In the order in which they were opened. */
  readonly byClient: Map<string, Set<Connection>>;
  uses: number;
  /** Those that were idle when room was last looked for, the longest last. */
  queue: { readonly connection: Connection; readonly lastUse: number }[];
};

function admit(table: Table, socket: Socket): void {
  const connection: Connection = {
    name: nameOf(socket),
    client: clientOf(socket),
    socket,
    lastUse: 0,
    wasAsked: false,
    handshakeBytes: 0,
    session: null,
    underWay: 0,
  };
  table.byName.set(connection.name, connection);
  table.bySocket.set(socket, connection);
  const others = table.byClient.get(connection.client) ?? new Set();
  table.byClient.set(connection.client, others.add(connection));
  countUse(table, connection);
  socket.once('close', () => forget(table, connection));
}

function encrypt(table: Table, socket: TLSSocket): void {
  const connection = table.byName.get(nameOf(socket));
  if (connection === undefined) {
    // It had to make room while it agreed on keys.
    socket.destroy();
    return;
  }
  connection.socket = socket;
  connection.handshakeBytes = socket.bytesRead;
  table.bySocket.set(socket, connection);
}

function openSession(table: Table, session: ServerHttp2Session): void {
  const connection = table.byName.get(nameOf(session.socket));
  if (connection === undefined) return;
  connection.session = session;
  session.on('stream', (stream) => {
    countUse(table, connection);
    connection.underWay += 1;
    stream.once('close', () => {
      connection.underWay -= 1;
    });
  });
}

function countUse(table: Table, connection: Connection): void {
  table.uses += 1;
  connection.lastUse = table.uses;
}

// Half a request may have come, which will be whole in a moment.
function isUnused({ wasAsked, socket, handshakeBytes }: Connection): boolean {
  return !wasAsked && socket.bytesRead <= handshakeBytes;
}

function isBusy({ underWay }: Connection): boolean {
  return underWay > 0;
}

function makeRoom(table: Table): boolean {
  const longest = nextInQueue(table) ?? nextInQueue(queueUp(table));
  if (longest === undefined) return false;
  forget(table, longest);
  longest.socket.destroy();
  return true;
}

/** Closes the oldest connection of the client that has most, if that is more than its share and the newcomer has less. */
function takeFromLargest(table: Table, newcomer: string, share: number): boolean {
  if ((table.byClient.get(newcomer)?.size ?? 0) >= share) return false;
  let largest: ReadonlySet<Connection> = new Set();
  for (const connections of table.byClient.values())
    if (connections.size > largest.size) largest = connections;
  const [oldest] = largest;
  if (oldest === undefined || largest.size <= share) return false;
  forget(table, oldest);
  oldest.socket.destroy();
  return true;
}

/** The next that has stayed idle since it was queued up. */
function nextInQueue({ queue, byName }: Table): Connection | undefined {
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { connection, lastUse } = next;
    const isThere = byName.get(connection.name) === connection;
    if (isThere && connection.lastUse === lastUse && !isBusy(connection)) return connection;
  }
  return undefined;
}

// Sorted once for many newcomers: whoever is not in the queue was used later than all that are.
function queueUp(table: Table): Table {
  const idle = [...table.byName.values()].filter((connection) => !isBusy(connection));
  const queue = idle.map((connection) => ({ connection, lastUse: connection.lastUse }));
  table.queue = queue.sort((one, other) => other.lastUse - one.lastUse);
  return table;
}

function forget({ byName, byClient }: Table, connection: Connection): void {
  const others = byClient.get(connection.client);
  others?.delete(connection);
  if (others?.size === 0) byClient.delete(connection.client);
  // Its name may be another's by now.
  if (byName.get(connection.name) === connection) byName.delete(connection.name);
}

// Both ends of a connection name it; nothing else is the same on the plain and on the encrypted socket.
function nameOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${localPort} ${remoteAddress} ${remotePort}`;
}

function clientOf({ remoteAddress = '' }: Socket): string {
  return clientNetwork(remoteAddress)?.address ?? '';
}
