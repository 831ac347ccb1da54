export default function NotFound() {
  return <p>The notes application has no such page.</p>;
}
