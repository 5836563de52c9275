/** What the tests use of the package, whose own types bring all of React's along. */
type Row = { messageId?: string | null } & Record<string, unknown>;

interface Rows {
  create(query: { data: object }): Promise<Row>;
  update(query: { where: object; data: object }): Promise<Row>;
  updateMany(query: { where: object; data: object }): Promise<unknown>;
  findUnique(query: { where: object }): Promise<Row | null>;
  findMany(query?: { where?: object }): Promise<Row[]>;
  delete(query: { where: object }): Promise<Row>;
  deleteMany(query: { where: object }): Promise<unknown>;
}

export declare class DigitalDiscord {
  constructor(options: object);
  readonly restUrl: string;
  readonly gatewayUrl: string;
  readonly prisma: {
    channel: Rows;
    message: Rows;
    interactionResponse: Rows;
    $executeRawUnsafe(query: string): Promise<unknown>;
    $disconnect(): Promise<void>;
  };
  simulateUserMessage(message: object): Promise<{ id: string }>;
  simulateUserMessageDelete(message: object): Promise<unknown>;
  start(): Promise<void>;
  stop(): Promise<void>;
}
