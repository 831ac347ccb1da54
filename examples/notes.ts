// The application of the examples: notes of each user, in memory. Nothing here knows how users sign in.
const notes = new Map<string, string[]>();

export function notesOf(userId: string): readonly string[] {
  return notes.get(userId) ?? [];
}

export function addNote(userId: string, text: unknown): void {
  if (typeof text === 'string' && text !== '') notes.set(userId, [...notesOf(userId), text]);
}

/** The start page, for everyone. */
export function homePage(username: string | null): string {
  return page(
    username === null
      ? '<p>You are signed out. <a href="/login?next=%2Fnotes">Sign in</a></p>'
      : `<p>Hello, ${escapeHtml(username)}! <a href="/notes">Your notes</a></p>`,
  );
}

/** @param csrf the token for the sign-out button, whose form goes to a page of Latchkey */
export function notesPage(username: string, list: readonly string[], csrf: string): string {
  return page(`<p>Notes of ${escapeHtml(username)}</p>
<ul>${list.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>
<form method="post" action="/notes"><label>New note <input name="text"></label> <button>Add</button></form>
<form method="post" action="/logout"><input type="hidden" name="csrf" value="${csrf}"><button>Sign out</button></form>`);
}

/** A page that the server renders from its own API. */
export function summaryPage(count: number): string {
  return page(`<p>Notes: ${count}</p>`);
}

export const dangerPage = page('<p>Here you may delete all notes.</p>');
export const notFoundPage = page('<p>The notes application has no such page.</p>');

function page(body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Notes</title><h1>Notes</h1>${body}</html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
