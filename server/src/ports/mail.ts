import { invalid } from '../errors.ts';

/** A plain text, to one person. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Hands mails over: to a server, or to a folder. */
export interface MailTransport {
  /** Throws where it was not taken. */
  deliver(mail: Mail): Promise<void>;
  /** See MailPort.forget; a transport that keeps nothing has none. */
  forget?(address: string, found: (mails: number) => Promise<void>): Promise<void>;
  close(): void;
}

/** Mail that is sent behind the request that asks for it, so that an answer's time says nothing of it. */
export interface MailPort {
  /** No server takes mails: they are kept here, and whoever runs Maestro hands them over. */
  readonly isKept: boolean;
  /** Returns at once, and never throws: what cannot be sent is logged, without its address and text. */
  send(mail: Mail): void;
  /**
   * Removes the mails that are kept here and name an e-mail address, whatever its case. Tells `found` how many they are
   * before the first is gone.
   */
  forget(address: string, found: (mails: number) => Promise<void>): Promise<void>;
  /** Fulfilled when every mail was taken, or given up. */
  idle(): Promise<void>;
  /** Tries once more what waits to be tried again, and waits for it. */
  close(): Promise<void>;
}

/** What would make one address two, or a header of its own: whatever the library does with it, it does not get there. */
const address = /^[^\s\p{C}<>()[\],;:\\"@]{1,64}@[^\s\p{C}<>()[\],;:\\"@]{1,253}$/u;

const isAddress = (text: string): boolean => text.length <= 254 && address.test(text);

/** Throws `invalid_parameter` for what is an e-mail address, but none that mail is sent to. */
export function checkAddress(email: string): void {
  if (isAddress(email)) return;
  throw invalid('email: is no address that mail can be sent to', 'email');
}

/** Whether a mail stays within its lines: one address, one subject. */
export const isSendable = ({ to, subject }: Mail): boolean => isAddress(to) && !/\p{C}/u.test(subject);
