import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkCreation, checkUse } from './checks.ts';
import { challengeIn, parseAuthentication, parseRegistration } from './responses.ts';

// The examples of WebAuthn Level 3 §16: packed-self.ES256 (§16.3) and none.ES256.crossOrigin (§16.4).

const PARTY = { id: 'example.org', name: 'Example', origins: ['https://example.org'] };

const text = (hexadecimal: string) => Buffer.from(hexadecimal, 'hex').toString('base64url');

function registration(id: string, clientData: string, attestation: string) {
  const response = { clientDataJSON: text(clientData), attestationObject: text(attestation) };
  const parsed = parseRegistration(
    JSON.stringify({ id: text(id), rawId: text(id), type: 'public-key', response }),
  );
  assert.ok(parsed !== null);
  return parsed;
}

function authentication(id: string, clientData: string, authData: string, signature: string) {
  const response = {
    clientDataJSON: text(clientData),
    authenticatorData: text(authData),
    signature: text(signature),
  };
  const parsed = parseAuthentication(
    JSON.stringify({ id: text(id), rawId: text(id), type: 'public-key', response }),
  );
  assert.ok(parsed !== null);
  return parsed;
}

const PACKED_ID = '455ef34e2043a87db3d4afeb39bbcb6cc32df9347c789a865ecdca129cbef58c';
const PACKED_CHALLENGE = text('7869c2b772d4b58eba9378cf8f29e26cf935aa77df0da89fa99c0bdc0a76f7e5');
const packed = registration(
  PACKED_ID,
  '7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a2265476e4374334c55745936366b336a506a796e6962506b31716e666644616966715a774c33417032392d55222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73652c22657874726144617461223a22636c69656e74446174614a534f4e206d617920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c207375636820617320746869733a205539685458764b453255526b4d6e625f307859485667227d',
  'a363666d74667061636b65646761747453746d74a263616c672663736967584630440220067a20754ab925005dbf378097c92120031581c73228d1fb4f5b881bcd7da98302207fc7b147558c7c0eba3af18bd9d121fa3d3a26d17fe3f220272178f473b6006d68617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b55d00000000df850e09db6afbdfab51697791506cfc0020455ef34e2043a87db3d4afeb39bbcb6cc32df9347c789a865ecdca129cbef58ca5010203262001215820eb151c8176b225cc651559fecf07af450fd85802046656b34c18f6cf193843c5225820927b8aa427a2be1b8834d233a2d34f61f13bfd44119c325d5896e183fee484f2',
);
const packedUse = authentication(
  PACKED_ID,
  '7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a225248696843784e534e493352594d45314f7731476d3132786e726b634a5f6666707637546e2d4a71386773222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73652c22657874726144617461223a22636c69656e74446174614a534f4e206d617920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c207375636820617320746869733a206754623533727a36456853576f6d58477a696d433151227d',
  'bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b50900000000',
  '304402203310b9431903c401f1be2bdc8d23a4007682dbbddcf846994947b7f465daf84002204e94dd00047b316061b3b99772b7efd95994a83ef584b3b6b825ea3550251b66',
);
const PACKED_USE_CHALLENGE = text('4478a10b1352348dd160c1353b0d469b5db19eb91c27f7dfa6fed39fe26af20b');

const FRAMED_ID = '6e1050c0d2ca2f07c755cb2c66a74c64fa43065c18f938354d9915db2bd5ce57';
const FRAMED_CHALLENGE = text('3be5aacd03537142472340ab5969f240f1d87716e20b6807ac230655fa4b3b49');
const framed = registration(
  FRAMED_ID,
  '7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a224f2d57717a514e5463554a484930437257576e7951504859647862694332674872434d475666704c4f306b222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a747275652c22657874726144617461223a22636c69656e74446174614a534f4e206d617920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c207375636820617320746869733a207a5a7175457444523944577170573574425754467567227d',
  'a363666d74646e6f6e656761747453746d74a068617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b54500000000883f4f6014f19c09d87aa38123be48d000206e1050c0d2ca2f07c755cb2c66a74c64fa43065c18f938354d9915db2bd5ce57a501020326200121582022200a473f90b11078851550d03b4e44a2279f8c4eca27b3153dedfe03e4e97d225820cbd0be95e746ad6f5a8191be11756e4c0420e72f65b466d39bc56b8b123a9c6e',
);
const framedUse = authentication(
  FRAMED_ID,
  '7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a226832716c463771445f65356c5f505f62796b7945377135645650674547685f49584a6b655737736e4d5463222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a747275652c22657874726144617461223a22636c69656e74446174614a534f4e206d617920626520657874656e6465642077697468206164646974696f6e616c206669656c647320696e20746865206675747572652c207375636820617320746869733a2039327063545644304162792d713464746d6a36656667227d',
  'bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b50500000000',
  '3046022100eb12fcf23b12764c0f122e22371fab92e283879fd798f38ee1841c951b6e40e7022100c76237ff9db77b3c56f30837cda6a09acfa2e915544e609c0733b1184036d1cf',
);
const FRAMED_USE_CHALLENGE = text('876aa517ba83fdee65fcffdbca4c84eeae5d54f8041a1fc85c991e5bbb273137');

async function created(challenge: string, response: typeof packed) {
  const checked = await checkCreation(PARTY, { challenge, response, isConditional: false });
  assert.ok(checked.ok);
  return checked.created;
}

describe('the examples of the WebAuthn standard', () => {
  it('create a passkey with its id, model and state', async () => {
    const { publicKey, ...passkey } = await created(PACKED_CHALLENGE, packed);
    assert.deepEqual(passkey, {
      credentialId: text(PACKED_ID),
      counter: 0,
      transports: [],
      name: '',
      isSynced: true,
      isBackedUp: true,
      aaguid: 'df850e09-db6a-fbdf-ab51-697791506cfc',
    });
    assert.equal(publicKey.length, 77);
  });

  it('A41 use a passkey with a right signature, whose user was not verified', async () => {
    const passkey = await created(PACKED_CHALLENGE, packed);
    const checked = await checkUse(PARTY, PACKED_USE_CHALLENGE, passkey, packedUse);
    assert.deepEqual(checked, { ok: false, reason: 'user-not-verified' });
  });

  it('use a passkey whose user was verified', async () => {
    const passkey = await created(FRAMED_CHALLENGE, framed);
    const checked = await checkUse(PARTY, FRAMED_USE_CHALLENGE, passkey, framedUse);
    assert.deepEqual(checked, { ok: true, use: { counter: 0, isBackedUp: false } });
  });

  it('A41 A44 are refused where the page was in a frame of another site', () => {
    assert.equal(challengeIn(packed.response.clientDataJSON), PACKED_CHALLENGE);
    assert.equal(challengeIn(framed.response.clientDataJSON), null);
    assert.equal(challengeIn(framedUse.response.clientDataJSON), null);
  });

  it('A41 are refused with another challenge, site, origin, key or signature', async () => {
    const passkey = await created(FRAMED_CHALLENGE, framed);
    const other = await created(PACKED_CHALLENGE, packed);
    const signature = text('3006020101020101');
    const by = (challenge: string) => ({ challenge, response: packed, isConditional: false });
    const wrong = await Promise.all([
      checkUse(PARTY, PACKED_USE_CHALLENGE, passkey, framedUse),
      checkUse({ ...PARTY, id: 'example.net' }, FRAMED_USE_CHALLENGE, passkey, framedUse),
      checkUse({ ...PARTY, origins: ['https://example.net'] }, FRAMED_USE_CHALLENGE, passkey, framedUse),
      checkUse(PARTY, FRAMED_USE_CHALLENGE, other, framedUse),
      checkUse(PARTY, FRAMED_USE_CHALLENGE, passkey, {
        ...framedUse,
        response: { ...framedUse.response, signature },
      }),
      checkCreation({ ...PARTY, id: 'example.net' }, by(PACKED_CHALLENGE)),
      checkCreation(PARTY, by(PACKED_USE_CHALLENGE)),
    ]);
    for (const checked of wrong) assert.deepEqual(checked, { ok: false, reason: 'invalid' });
  });
});
