import { constants } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';

/**
 * Which versions and ciphers are spoken: forward secrecy and authenticated encryption only. They are those of
 * Mozilla’s “intermediate” configuration, version 5.7, without the finite-field Diffie-Hellman that no browser
 * since 2013 needs. As there, the client chooses among them: it knows whether its machine is fast at AES.
 * @see https://wiki.mozilla.org/Security/Server_Side_TLS
 */
export const TLS_POLICY: SecureContextOptions = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  honorCipherOrder: false,
  // Asking for new keys again and again costs the server far more than the client.
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
};
