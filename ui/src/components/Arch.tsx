/** The mark: an arch within an arch. */
export function Arch({ className = "" }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" fill="none" aria-hidden className={className}>
      <path d="M6 27V15.5a10 10 0 0 1 20 0V27" stroke="currentColor" strokeWidth="2.4" strokeLinecap="round" />
      <path
        d="M10.8 27V15.8a5.2 5.2 0 0 1 10.4 0V27"
        stroke="currentColor"
        strokeOpacity=".6"
        strokeWidth="2"
        strokeLinecap="round"
      />
      <path d="M14.2 27v-9.6a1.8 1.8 0 0 1 3.6 0V27z" fill="currentColor" />
      <path d="M3.5 27.6h25" stroke="currentColor" strokeWidth="2.4" strokeLinecap="round" />
    </svg>
  );
}

/** A walk of arches, for the threshold of the app. */
export function Arcade({ className = "" }: { className?: string }) {
  return (
    <svg viewBox="0 0 480 240" fill="none" preserveAspectRatio="xMidYMin slice" aria-hidden className={className}>
      {[0, 1, 2, 3].map((i) => (
        <g key={i} transform={`translate(${i * 120} 0)`} stroke="currentColor" strokeLinecap="round">
          <path d="M8 240V96a52 52 0 0 1 104 0v144" strokeWidth="3" strokeOpacity=".55" />
          <path d="M24 240V98a36 36 0 0 1 72 0v142" strokeWidth="2" strokeOpacity=".38" />
          <path d="M38 240V102a22 22 0 0 1 44 0v138" strokeWidth="1.5" strokeOpacity=".26" />
        </g>
      ))}
      <path d="M0 20h480M0 30h480" stroke="currentColor" strokeWidth="2" strokeOpacity=".3" />
    </svg>
  );
}
