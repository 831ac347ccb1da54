import { auth, loginRequired } from 'latchkey/react-router';
import { Form, redirect } from 'react-router';
import { latchkey } from '../auth.server.ts';
import { addNote, notesOf } from '../notes.server.ts';
import type { Route } from './+types/notes';

export const middleware: Route.MiddlewareFunction[] = [loginRequired(latchkey)];

export function loader({ context }: Route.LoaderArgs) {
  const { user, session } = context.get(auth);
  return { username: user.username, notes: notesOf(user.id), csrf: latchkey().csrfToken(session) };
}

export async function action({ context, request }: Route.ActionArgs) {
  addNote(context.get(auth).user.id, (await request.formData()).get('text'));
  return redirect('/notes', 303);
}

export default function Notes({ loaderData: { username, notes, csrf } }: Route.ComponentProps) {
  return (
    <>
      <p>{`Notes of ${username}`}</p>
      <ul>
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      <Form method="post">
        <label>
          New note <input name="text" />
        </label>{' '}
        <button type="submit">Add</button>
      </Form>
      <form method="post" action="/logout">
        <input type="hidden" name="csrf" value={csrf} />
        <button type="submit">Sign out</button>
      </form>
    </>
  );
}
