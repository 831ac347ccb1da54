// Solves a challenge of ALTCHA's proof of work (version 2, PBKDF2/SHA-256) away from the page: it tries every `step`-th
// number from `first` on, until one derives a key that begins as the challenge says.
addEventListener('message', async ({ data: { parameters, first, step } }) => {
  const nonce = bytes(parameters.nonce);
  const salt = bytes(parameters.salt);
  const prefix = bytes(parameters.keyPrefix);
  const input = new Uint8Array(nonce.length + 4);
  input.set(nonce);
  const number = new DataView(input.buffer);
  for (let counter = first; ; counter += step) {
    number.setUint32(nonce.length, counter);
    const key = await derive(parameters, input, salt);
    if (prefix.every((byte, at) => byte === key[at])) {
      postMessage({ counter, derivedKey: hexadecimal(key) });
      return;
    }
  }
});

async function derive({ cost, keyLength }, input, salt) {
  const key = await crypto.subtle.importKey('raw', input, 'PBKDF2', false, ['deriveBits']);
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: cost };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, keyLength * 8));
}

function bytes(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function hexadecimal(list) {
  return Array.from(list, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
