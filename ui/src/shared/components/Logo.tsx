/** The mark of the product. */
export function Logo(props: { size?: number }) {
  return (
    <svg class="icon text-brand" width={props.size ?? 26} height={props.size ?? 26} viewBox="0 0 24 24" aria-hidden="true">
      <path
        fill="currentColor"
        d="M12 1.6c1.9 2 1.9 4.7 0 6.6-1.9-1.9-1.9-4.6 0-6.6ZM12.7 13.7c0-3.3 2-5.2 5.5-5.4.1 3.4-2 5.5-5.5 5.4ZM11.3 13.7c0-3.3-2-5.2-5.5-5.4-.1 3.4 2 5.5 5.5 5.4ZM12.7 20.4c0-3.3 2-5.2 5.5-5.4.1 3.4-2 5.5-5.5 5.4ZM11.3 20.4c0-3.3-2-5.2-5.5-5.4-.1 3.4 2 5.5 5.5 5.4ZM11.4 20h1.2v3h-1.2z"
      />
    </svg>
  );
}
