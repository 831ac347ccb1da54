import { admit, latchkey } from '../../auth';
import { notesOf } from '../../notes';
import { add, leave } from './actions';

export default async function Notes() {
  const { user, session } = await admit({ next: '/notes' });
  return (
    <>
      <p>{`Notes of ${user.username}`}</p>
      <ul>
        {notesOf(user.id).map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      <form action={add}>
        <label>
          New note <input name="text" />
        </label>
        <button type="submit">Add</button>
      </form>
      <form method="post" action="/auth/logout">
        <input type="hidden" name="csrf" value={latchkey().csrfToken(session)} />
        <button type="submit">Sign out</button>
      </form>
      <form action={leave}>
        <button type="submit">Sign out by a server action</button>
      </form>
    </>
  );
}
