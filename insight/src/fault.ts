/** Input that cannot be used. The message says where, what was expected, and what was there instead. */
export class Fault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Fault';
  }
}
