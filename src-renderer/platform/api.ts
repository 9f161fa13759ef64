// The only door to the services: the app's bridge where there is one, else the socket of `unia serve`.
import type { Answer } from '../../src-core/contract/call.ts';
import type { Bridge } from '../../src-core/contract/bridge.ts';
import type { CallName, EventName, Events, ParamsOf, ResultOf } from '../../src-core/contract/contract.ts';
import { connectSocket } from './socket.ts';

declare global {
  interface Window {
    readonly unia?: Bridge;
  }
}

/** A call that the services refused or failed at; the message is meant for the person. */
export class CallError extends Error {
  /** `misuse`, `failure`, `cancelled`, `disconnected`, `busy`, or what is wrong with the project. */
  readonly kind: string;

  constructor(kind: string, message: string) {
    super(message);
    this.name = 'CallError';
    this.kind = kind;
  }
}

/** How the page reaches the services. */
export interface Transport {
  call(name: string, params: unknown): Promise<Answer<unknown>>;
  listen(listener: (event: string, data: unknown) => void): void;
}

export type ConnectionState = 'connecting' | 'open' | 'lost';

/** The services as the page sees them. */
export class Api {
  private readonly transport: Transport;
  private readonly listeners = new Map<string, Set<(data: never) => void>>();

  constructor(transport: Transport) {
    this.transport = transport;
    transport.listen((event, data) => {
      // The services are compiled against the same map of events.
      for (const listener of this.listeners.get(event) ?? []) listener(data as never);
    });
  }

  /** Asks the services; throws a `CallError` in words for the person. */
  async call<Name extends CallName>(name: Name, params: ParamsOf<Name>): Promise<ResultOf<Name>> {
    const answer = await this.transport.call(name, params);
    if (!answer.ok) throw new CallError(answer.kind, answer.message);
    // The services are compiled against the same contract.
    return answer.value as ResultOf<Name>;
  }

  /** Hears an event; gives a function that ends it. */
  on<Name extends EventName>(event: Name, listener: (data: Events[Name]) => void): () => void {
    const listeners = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }
}

/** Connects to the services; `onState` hears when the connection is lost and found again. */
export function connect(onState: (state: ConnectionState) => void): Api {
  if (window.unia) {
    onState('open');
    return new Api(window.unia);
  }
  return new Api(connectSocket(onState));
}

/**
 * Why a picture could not be made, in words for the person; a picture element does not tell. Null where the program could not be
 * asked, which the page says by itself.
 */
export async function whyNoPicture(address: string): Promise<string | null> {
  const answer = await fetch(address).catch(() => null);
  return answer && (await answer.text());
}

/** Address of a picture that the services make. */
export function resourceUrl(name: string, query: Readonly<Record<string, string | number>>): string {
  const entries = Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]);
  return `/resource/${name}?${new URLSearchParams(entries).toString()}`;
}
