/** Why an outgoing request was not made, or its response not read. */
export type OutboundReason =
  | 'address-not-public'
  | 'answer-too-large'
  /** Compressed in a way that is not known, or damaged. */
  | 'answer-not-decodable'
  | 'body-not-sendable'
  /** No connection to the proxy; the cause says why. */
  | 'proxy-unreachable'
  | 'proxy-authentication-required'
  /** The proxy does not permit this destination. */
  | 'proxy-refused'
  /** The proxy could not connect to the destination. */
  | 'proxy-failed';

/** Thrown if an address must not be requested, its response is too large, or a proxy does not lead to it. */
export class OutboundRefused extends Error {
  readonly reason: OutboundReason;
  constructor(reason: OutboundReason, options?: ErrorOptions) {
    super(`an outgoing request was not made: ${reason}`, options);
    this.name = 'OutboundRefused';
    this.reason = reason;
  }
}
