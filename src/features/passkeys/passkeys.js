// Asks the browser for passkeys (WebAuthn Level 3): no other technique than a script can. What needs it is hidden until then.

/** The ceremony that is under way: a browser allows one at a time. */
let underWay = new AbortController();

/** The server gives no options. */
const REFUSED = 'refused';

/** Shorter than a challenge can be used. */
const AUTOFILL_MILLISECONDS = 5 * 60_000;

for (const element of document.querySelectorAll('[data-scripted]')) element.hidden = false;
for (const element of document.querySelectorAll('[data-passkey]')) prepare(element);
for (const element of document.querySelectorAll('[data-passkey-upgrade]'))
  void upgrade(element).catch(() => {});
for (const signal of document.querySelectorAll('[data-passkey-signal]')) keepInStep(signal.dataset);

/** @param element a button, or the field of a form that its button sends */
function prepare(element) {
  if (element.type === 'button') element.addEventListener('click', () => void ask(element));
  else
    element.form.addEventListener('submit', (event) => {
      if (element.value !== '') return;
      event.preventDefault();
      void ask(element);
    });
  // A page that is shown again from the cache of the browser must not send its old response.
  addEventListener('pageshow', () => {
    element.value = '';
  });
  if ('autofill' in element.dataset) void offerInAutofill(element);
}

/** Offers passkeys where the username is filled in, until another one is asked for. */
async function offerInAutofill(element) {
  const isPossible = await globalThis.PublicKeyCredential?.isConditionalMediationAvailable?.();
  const username = document.querySelector('input[autocomplete=username]');
  if (isPossible !== true || username === null) return;
  // HTML §4.10.18.7: it comes last.
  username.autocomplete = 'username webauthn';
  while (await ask(element, 'conditional'));
}

/** @returns whether it ended because of its time alone */
async function ask(element, mediation) {
  const { passkey, cancelled, known, unsupported, failed } = element.dataset;
  const say = (text) => mediation === undefined && showProblem(element, text);
  say(null);
  if (globalThis.PublicKeyCredential === undefined) return say(unsupported);
  underWay.abort();
  const own = new AbortController();
  underWay = own;
  const options = await optionsFor(element).catch(() => null);
  if (own.signal.aborted) return false;
  // The server draws the form again with what is wrong in it.
  if (options === REFUSED && element.dataset.fields !== undefined) return element.form.submit();
  if (options === null || options === REFUSED) return say(failed);
  let isLate = false;
  const timer = setTimeout(
    () => {
      isLate = true;
      own.abort();
    },
    mediation === undefined ? options.timeout : AUTOFILL_MILLISECONDS,
  );
  try {
    const request = { publicKey: withBytes(options), signal: own.signal };
    const credential = await navigator.credentials[passkey]({ ...request, ...(mediation && { mediation }) });
    if (credential !== null) send(element, JSON.stringify(withText(credential)));
  } catch (error) {
    if (!own.signal.aborted) say(error.name === 'InvalidStateError' ? known : cancelled);
    else if (isLate) say(cancelled);
  } finally {
    clearTimeout(timer);
  }
  return isLate && mediation !== undefined;
}

/**
 * Has the password manager create a passkey after a password, where it can: its user is not asked, and where it creates none, nothing
 * is said (conditional creation).
 */
async function upgrade(element) {
  const { options: url, done } = element.dataset;
  const capabilities = await globalThis.PublicKeyCredential?.getClientCapabilities?.();
  if (capabilities?.conditionalCreate !== true) return;
  underWay.abort();
  const own = new AbortController();
  underWay = own;
  const options = (await postJson(url, {}))?.options;
  if (options === undefined || own.signal.aborted) return;
  const timer = setTimeout(() => own.abort(), options.timeout);
  const request = { mediation: 'conditional', publicKey: withBytes(options), signal: own.signal };
  const credential = await navigator.credentials.create(request).finally(() => clearTimeout(timer));
  if (credential === null) return;
  const created = await postJson(url, { credential: JSON.stringify(withText(credential)) });
  if (created === null) {
    const unknown = { rpId: options.rp.id, credentialId: credential.id };
    await PublicKeyCredential.signalUnknownCredential?.(unknown);
    return;
  }
  const message = document.createElement('p');
  message.className = 'flash success';
  message.setAttribute('role', 'status');
  message.textContent = done;
  element.before(message);
  document.querySelector('[data-passkey-offer]')?.remove();
}

/** What the browser is asked for, with a new challenge. */
async function optionsFor({ form, dataset: { options: url, flow, fields } }) {
  const named = (fields ?? '').split(' ').filter((name) => name !== '');
  const typed = named.map((name) => [name, form?.elements[name]?.value ?? '']);
  const answer = await postJson(url, { ...Object.fromEntries(typed), ...(flow !== '' && { flow }) });
  return answer === null ? REFUSED : answer.options;
}

/** @returns what the server answers; null where it refuses */
async function postJson(url, fields) {
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(fields) });
  return response.ok ? response.json() : null;
}

/** An alert is read out when it is added. */
function showProblem(element, text) {
  const where = element.form ?? element.parentElement;
  where.querySelector('[role=alert]')?.remove();
  if (text === null) return;
  const problem = document.createElement('p');
  problem.className = 'flash problem';
  problem.setAttribute('role', 'alert');
  problem.textContent = text;
  where.append(problem);
}

/** Sends the form of the field, or, for a button, one with its page and the choice to stay signed in. */
function send(element, credential) {
  if (element.type !== 'button') {
    element.value = credential;
    element.form.requestSubmit();
    return;
  }
  const form = document.createElement('form');
  form.method = 'post';
  form.action = element.dataset.action;
  const remember = document.querySelector('input[type=checkbox][name=remember]:checked') === null ? '' : 'on';
  const csrf = document.querySelector('input[name=csrf]')?.value ?? '';
  for (const [name, value] of Object.entries({ csrf, credential, remember, next: element.dataset.next })) {
    const field = document.createElement('input');
    Object.assign(field, { type: 'hidden', name, value });
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}

/** Reports to the password manager which passkeys the site knows, where the browser can. */
function keepInStep({ passkeySignal, details }) {
  void globalThis.PublicKeyCredential?.[passkeySignal]?.(JSON.parse(details)).catch(() => {});
}

// By hand: browsers of some years ago, and some password managers, have no `parseRequestOptionsFromJSON` and `toJSON`.
function withBytes({ challenge, user, allowCredentials, excludeCredentials, ...rest }) {
  const described = (list) => list.map(({ id, ...other }) => ({ ...other, id: bytes(id) }));
  return {
    ...rest,
    challenge: bytes(challenge),
    ...(user && { user: { ...user, id: bytes(user.id) } }),
    ...(allowCredentials && { allowCredentials: described(allowCredentials) }),
    ...(excludeCredentials && { excludeCredentials: described(excludeCredentials) }),
  };
}

function withText(credential) {
  const { response } = credential;
  const names = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'];
  const given = names.filter((name) => response[name]).map((name) => [name, text(response[name])]);
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: { ...Object.fromEntries(given), transports: response.getTransports?.() },
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

function bytes(base64url) {
  const base64 = base64url.replaceAll('-', '+').replaceAll('_', '/');
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function text(buffer) {
  const characters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte));
  return btoa(characters.join('')).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
