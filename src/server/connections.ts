import type { ServerResponse } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import type { Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { clientNetwork } from '../platform/rate-limit/index.ts';

/** While all connections are busy, one client may keep a quarter of them. */
const SHARES = 4;

/** The connections of all servers of one process. */
export type Connections = {
  /** Counts the connections to a server from now on; `refuse` is called for each that exceeds the maximum. */
  readonly watch: (server: Server, refuse: (socket: Socket) => void) => void;
  /**
   * Records that an HTTP/1.1 request has begun; its connection is busy until the response is sent.
   * @returns false for a refused connection, whose request must not be handled
   */
  readonly use: (socket: Socket, answer: ServerResponse) => boolean;
  /** Closes connections without any request, and sends GOAWAY to HTTP/2 sessions. */
  readonly finish: () => void;
  readonly closeAll: () => void;
  readonly count: () => number;
};

/**
 * Keeps at most `max` connections. A new one replaces the one that has been idle longest, so idle connections never
 * keep out a client with a request (A55). If all are busy the new one is refused, unless one client has more than its
 * share: its oldest connection is closed for a client that has less (A63). Behind a proxy all connections are the
 * proxy’s, and none is closed so. Idle connections are sorted only when room is needed, so a request costs nothing.
 */
export function createConnections(max: number): Connections {
  const table: Table = {
    byName: new Map(),
    bySocket: new WeakMap(),
    byClient: new Map(),
    uses: 0,
    queue: [],
  };
  const share = Math.ceil(max / SHARES);
  // One function for all responses, because every request registers it.
  function closeAnswer(this: ServerResponse): void {
    const connection = table.bySocket.get(this.req.socket);
    if (connection !== undefined) connection.underWay -= 1;
  }
  return {
    watch: (server, refuse) => {
      server.on('connection', (socket: Socket) => {
        if (table.byName.size >= max && !makeRoom(table) && !takeFromLargest(table, clientOf(socket), share))
          refuse(socket);
        else admit(table, socket);
      });
      // On TLS a second object represents the same connection, and on HTTP/2 a third.
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
  /** When it was opened or last used, on the counter `uses`. */
  lastUse: number;
  wasAsked: boolean;
  /** What the client sent for the TLS handshake. */
  handshakeBytes: number;
  session: ServerHttp2Session | null;
  /** Requests without a complete response. */
  underWay: number;
};

type Table = {
  readonly byName: Map<string, Connection>;
  readonly bySocket: WeakMap<Socket, Connection>;
  /** In the order in which they were opened, by client network. */
  readonly byClient: Map<string, Set<Connection>>;
  uses: number;
  /** The connections that were idle when room was last needed, the longest idle last. */
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
    // It was closed for another connection during the handshake.
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

// A request that has been received in part counts as use.
function isUnused({ wasAsked, socket, handshakeBytes }: Connection): boolean {
  return !wasAsked && socket.bytesRead <= handshakeBytes;
}

function isBusy({ underWay }: Connection): boolean {
  return underWay > 0;
}

function makeRoom(table: Table): boolean {
  const longest = nextInQueue(table) ?? nextInQueue(buildQueue(table));
  if (longest === undefined) return false;
  forget(table, longest);
  longest.socket.destroy();
  return true;
}

/** Closes the oldest connection of the client with the most, if it exceeds its share and the new client does not. */
function takeFromLargest(table: Table, newClient: string, share: number): boolean {
  if ((table.byClient.get(newClient)?.size ?? 0) >= share) return false;
  let largest: ReadonlySet<Connection> = new Set();
  for (const connections of table.byClient.values())
    if (connections.size > largest.size) largest = connections;
  const [oldest] = largest;
  if (oldest === undefined || largest.size <= share) return false;
  forget(table, oldest);
  oldest.socket.destroy();
  return true;
}

/** The next connection that has stayed idle since the queue was built. */
function nextInQueue({ queue, byName }: Table): Connection | undefined {
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { connection, lastUse } = next;
    const isThere = byName.get(connection.name) === connection;
    if (isThere && connection.lastUse === lastUse && !isBusy(connection)) return connection;
  }
  return undefined;
}

// Sorted once for many new connections: one that is not in the queue was used later than all that are.
function buildQueue(table: Table): Table {
  const idle = [...table.byName.values()].filter((connection) => !isBusy(connection));
  const queue = idle.map((connection) => ({ connection, lastUse: connection.lastUse }));
  table.queue = queue.sort((one, other) => other.lastUse - one.lastUse);
  return table;
}

function forget({ byName, byClient }: Table, connection: Connection): void {
  const others = byClient.get(connection.client);
  others?.delete(connection);
  if (others?.size === 0) byClient.delete(connection.client);
  // A new connection may have the same name.
  if (byName.get(connection.name) === connection) byName.delete(connection.name);
}

// Only the two addresses are the same on the plain and on the encrypted socket.
function nameOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${localPort} ${remoteAddress} ${remotePort}`;
}

function clientOf({ remoteAddress = '' }: Socket): string {
  return clientNetwork(remoteAddress)?.address ?? '';
}
