/** Ends the command with a status when all that there is to say was said already. */
export class ExitWith extends Error {
  override readonly name: string = "ExitWith";
  /** The status. */
  readonly status: number;

  /** Makes it of the status. */
  constructor(status: number) {
    super(`The command ends with status ${status}`);
    this.status = status;
  }
}
