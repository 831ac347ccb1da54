import { Link } from 'react-router';
import { latchkey } from '../auth.server.ts';
import type { Route } from './+types/home';

export async function loader({ request }: Route.LoaderArgs) {
  const signedIn = await latchkey().session(request);
  return { username: signedIn?.user.username ?? null };
}

export default function Home({ loaderData: { username } }: Route.ComponentProps) {
  if (username === null)
    return (
      <p>
        You are signed out. <Link to="/login?next=%2Fnotes">Sign in</Link>
      </p>
    );
  return (
    <p>
      {`Hello, ${username}!`} <Link to="/notes">Your notes</Link>
    </p>
  );
}
