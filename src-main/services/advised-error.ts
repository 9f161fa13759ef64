/**
 * What helps against an error. The message says it in words that suit every host; how it is done, such as by which option of the
 * command line, is for the host to say.
 */
export type Advice =
  | { readonly kind: 'train'; readonly project: string }
  | { readonly kind: 'predict'; readonly project: string; readonly run?: string | undefined }
  | { readonly kind: 'resume'; readonly project: string; readonly run: string }
  | { readonly kind: 'other-folder' }
  | { readonly kind: 'again' };

/** An error that something can be done about. */
export class AdvisedError extends Error {
  readonly advice: Advice;

  constructor(message: string, advice: Advice, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AdvisedError';
    this.advice = advice;
  }
}
