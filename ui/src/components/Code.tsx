/** A command or a path: broken between its words, and within a word only where a line cannot hold it. */
export function Code({ text, className = "" }: { text: string; className?: string }) {
  const words = text.split(" ");
  return (
    <code className={`font-mono break-words ${className}`}>
      {words.map((word, n) => (
        <span key={n}>
          {n > 0 && " "}
          <span className="inline-block max-w-full">{word}</span>
        </span>
      ))}
    </code>
  );
}
