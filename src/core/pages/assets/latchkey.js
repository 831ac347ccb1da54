// Everything here works without this script. It adds one comfort: a button that shows what a password field holds.
for (const input of document.querySelectorAll('input[data-show]')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'reveal';
  button.setAttribute('aria-controls', input.id);
  const update = (isShown) => {
    input.type = isShown ? 'text' : 'password';
    button.setAttribute('aria-pressed', String(isShown));
    button.setAttribute('aria-label', input.dataset.show);
    button.title = isShown ? input.dataset.hide : input.dataset.show;
  };
  update(false);
  button.addEventListener('click', () => update(input.type === 'password'));
  // A password that is sent or left behind must not stay readable, nor be remembered as ordinary text.
  input.form?.addEventListener('submit', () => update(false));
  addEventListener('pagehide', () => update(false));
  input.after(button);
}
