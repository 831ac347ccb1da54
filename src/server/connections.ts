import type { EventEmitter } from 'node:events';
import type { ServerHttp2Session } from 'node:http2';
import type { Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** All connections of one process, whichever server they came to. */
export type Connections = {
  /** Counts what connects to a server from now on; `refuse` turns away what finds no room. */
  readonly watch: (server: Server, refuse: (socket: Socket) => void) => void;
  /**
   * Tells that a request has begun on a connection, which is busy until its answer is closed.
   * @param carrier the socket, encrypted or not, or the session of HTTP/2 on it
   * @returns false for one that was turned away: nothing may be done for it
   */
  readonly begin: (carrier: object | undefined, answer: EventEmitter) => boolean;
  /** Closes those on which nothing was ever asked, and tells sessions of HTTP/2 to begin nothing more (GOAWAY). */
  readonly finish: () => void;
  readonly closeAll: () => void;
};

/**
 * Keeps so many connections, at most. Whoever comes then takes the place of the one that has been idle for longest;
 * so what a crowd of silent connections holds is never kept from somebody who has something to ask (A55). Only
 * where all are busy is the newcomer turned away.
 */
export function createConnections(most: number): Connections {
  const table: Table = { byName: new Map(), byCarrier: new WeakMap(), idle: new Set() };
  return {
    watch: (server, refuse) => {
      server.on('connection', (socket: Socket) => {
        if (table.byName.size >= most && !makeRoom(table)) refuse(socket);
        else admit(table, socket);
      });
      // Of a TLS server: the same connection goes on under another object, and with HTTP/2 under a third.
      server.on('secureConnection', (socket: TLSSocket) => encrypt(table, socket));
      server.on('session', (session: ServerHttp2Session) => {
        const connection = table.byName.get(nameOf(session.socket));
        if (connection === undefined) return;
        connection.session = session;
        table.byCarrier.set(session, connection);
      });
    },
    begin: (carrier, answer) => {
      const connection = carrier === undefined ? undefined : table.byCarrier.get(carrier);
      if (connection === undefined) return false;
      connection.requests += 1;
      connection.isUsed = true;
      table.idle.delete(connection);
      answer.on('close', () => fallIdle(table, connection));
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
  };
}

type Connection = {
  readonly name: string;
  socket: Socket;
  session: ServerHttp2Session | null;
  /** How many are under way. */
  requests: number;
  isUsed: boolean;
  /** What was read before anything could be asked: the client's part in agreeing on keys. */
  handshakeBytes: number;
};

type Table = {
  readonly byName: Map<string, Connection>;
  readonly byCarrier: WeakMap<object, Connection>;
  /** In the order in which they fell idle: the first has been for longest. */
  readonly idle: Set<Connection>;
};

function admit(table: Table, socket: Socket): void {
  const connection = {
    name: nameOf(socket),
    socket,
    session: null,
    requests: 0,
    isUsed: false,
    handshakeBytes: 0,
  };
  table.byName.set(connection.name, connection);
  table.byCarrier.set(socket, connection);
  table.idle.add(connection);
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
  table.byCarrier.set(socket, connection);
}

// Half a request may have come, which will be whole in a moment.
function isUnused({ isUsed, socket, handshakeBytes }: Connection): boolean {
  return !isUsed && socket.bytesRead <= handshakeBytes;
}

function fallIdle({ idle }: Table, connection: Connection): void {
  connection.requests -= 1;
  if (connection.requests === 0 && !connection.socket.destroyed) idle.add(connection);
}

function makeRoom(table: Table): boolean {
  const [longest] = table.idle;
  if (longest === undefined) return false;
  forget(table, longest);
  longest.socket.destroy();
  return true;
}

function forget({ byName, idle }: Table, connection: Connection): void {
  idle.delete(connection);
  // Its name may be another's by now.
  if (byName.get(connection.name) === connection) byName.delete(connection.name);
}

// Both ends of a connection name it; nothing else is the same on the plain and on the encrypted socket.
function nameOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${localPort} ${remoteAddress} ${remotePort}`;
}
