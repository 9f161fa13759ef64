/** What became of a request to another computer. */
export interface LeaveAttempt {
  readonly refused: boolean;
  /** The rule that stopped it. */
  readonly reason: string;
}

/** Asks a well-known address for a picture, and hears whether the page's policy let the request out. */
export async function tryToLeave(): Promise<LeaveAttempt> {
  const violated = new Promise<string>((resolve) => {
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective), {
      once: true,
    });
  });
  const answered = fetch('https://example.com/', { mode: 'no-cors', cache: 'no-store' }).then(
    () => undefined,
    () => undefined,
  );
  const reason = await Promise.race([violated, answered.then(() => wait())]);
  return reason === undefined ? { refused: false, reason: '' } : { refused: true, reason: `${reason} 'self'` };
}

/** The policy's event may come just after the request has failed. */
function wait(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), 200));
}
