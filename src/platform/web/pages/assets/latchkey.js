// Everything here works without this script. It adds a button that shows what a password field holds, a calculation
// instead of a wait after too many attempts, and what only some browsers can do.
const SVG = 'http://www.w3.org/2000/svg';
const EYE =
  'M2 12s3.6-6.5 10-6.5S22 12 22 12s-3.6 6.5-10 6.5S2 12 2 12z M12 9.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 1 0 0-5.6z';
const CROSSED_EYE = `${EYE} M4 3l16 18`;

for (const input of document.querySelectorAll('input[data-show]')) addReveal(input);
for (const part of document.querySelectorAll('[data-needs]'))
  part.hidden = !(part.dataset.needs in globalThis);

function addReveal(input) {
  const button = document.createElement('button');
  const path = document.createElementNS(SVG, 'path');
  button.type = 'button';
  button.className = 'reveal';
  button.setAttribute('aria-controls', input.id);
  button.setAttribute('aria-label', input.dataset.show);
  button.title = input.dataset.show;
  button.append(drawing(path));
  const show = (isShown) => {
    input.type = isShown ? 'text' : 'password';
    path.setAttribute('d', isShown ? CROSSED_EYE : EYE);
    button.setAttribute('aria-pressed', String(isShown));
  };
  show(false);
  button.addEventListener('click', () => show(input.type === 'password'));
  // A password that is sent or left behind must not stay readable, nor be remembered as ordinary text.
  input.form?.addEventListener('submit', () => show(false));
  addEventListener('pagehide', () => show(false));
  input.after(button);
}

function drawing(path) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(path);
  return svg;
}

for (const proof of document.querySelectorAll('.proof')) prove(proof);

/** Has a challenge solved in the background, by as many workers as the machine has room for. */
function prove(proof) {
  const { challenge: text, solver, working, done, failed } = proof.dataset;
  const challenge = JSON.parse(text);
  const status = proof.querySelector('p');
  const count = Math.min(Math.max(navigator.hardwareConcurrency - 1, 1), 4);
  const workers = Array.from({ length: count }, () => new Worker(solver, { type: 'module' }));
  const end = (words) => {
    status.textContent = words;
    for (const worker of workers) worker.terminate();
  };
  status.textContent = working;
  workers.forEach((worker, first) => {
    worker.onerror = () => end(failed);
    worker.onmessage = ({ data: solution }) => {
      proof.querySelector('input').value = btoa(JSON.stringify({ challenge, solution }));
      end(done);
    };
    worker.postMessage({ parameters: challenge.parameters, first, step: count });
  });
}
